import { UndoOutlined } from "@ant-design/icons";
import { Button, Tooltip } from "antd";
import { useId, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { PlacedFault } from "@/pages/designer/document/faults";
import { useServerWords } from "@/words/useServerWords";

import styles from "./form.module.css";
import { asSentence } from "./sentence";

/** What a control is given, so that its label and its faults are said with it. */
export interface ControlIds {
  readonly id: string;
  readonly "aria-describedby": string;
  readonly "aria-invalid": boolean;
}

interface Props {
  readonly label: string;
  /** Shown on hover, for who knows the field by its name. */
  readonly name?: string;
  readonly isRequired?: boolean;
  readonly description?: ReactNode;
  readonly faults?: readonly PlacedFault[];
  /** Gives the field back its default; shown where it has another value. */
  readonly onRestore?: (() => void) | undefined;
  readonly restores?: string;
  /** The control stands beside its label. */
  readonly isInline?: boolean;
  readonly children: (ids: ControlIds) => ReactNode;
}

/** A field: its label, its control, what it is for, and what is wrong with it. */
export function FieldFrame({
  label,
  name,
  isRequired,
  description,
  faults = [],
  onRestore,
  restores,
  isInline,
  children,
}: Props) {
  const { t } = useTranslation();
  const say = useServerWords();
  const id = useId();
  const isFaulty = faults.length > 0;
  return (
    <div className={isFaulty ? styles.faulty : styles.field} data-field={name}>
      <div className={isInline ? styles.inline : undefined}>
        <div className={styles.head}>
          <label htmlFor={id} title={name}>
            {label}
            {isRequired && (
              <span className={styles.required} aria-hidden="true">
                *
              </span>
            )}
          </label>
          {onRestore && (
            <Tooltip
              title={
                restores === undefined ? "" : t("designer.settings.restore", { value: restores })
              }
            >
              <Button
                type="text"
                size="small"
                icon={<UndoOutlined />}
                aria-label={t("designer.settings.restoreField", { field: label })}
                onClick={onRestore}
              />
            </Tooltip>
          )}
        </div>
        {children({ id, "aria-describedby": `${id}-about`, "aria-invalid": isFaulty })}
      </div>
      <div id={`${id}-about`}>
        {faults.map((fault, at) => (
          <p key={at} className={styles.fault}>
            {asSentence(say, fault.message)}
          </p>
        ))}
        {description !== undefined && description !== "" && (
          <p className={styles.about}>{description}</p>
        )}
      </div>
    </div>
  );
}
