import { Collapse } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { configOf, getAt } from "@/pages/designer/document/chain";
import { formOf, type FieldModel } from "@/pages/designer/form/schema";
import { isOfColumns } from "@/pages/designer/inspector/columnFields";
import { ConfigField } from "@/pages/designer/inspector/ConfigField";
import { OutputField } from "@/pages/designer/inspector/OutputField";
import type { Shown } from "@/pages/designer/inspector/useTask";

import styles from "../form/form.module.css";

/** The settings of a task: what people change first, then what few do, then where results go. */
export function SettingsPart({ shown }: { shown: Shown }) {
  const { t } = useTranslation();
  const fields = useMemo(() => (shown.kind ? formOf(shown.kind) : []), [shown.kind]);
  const settings = fields.filter((field) => field.widget.kind !== "path" && !isOfColumns(field));
  const outputs = fields.filter((field) => field.use?.direction === "out");
  const isFolded = (field: FieldModel) =>
    field.isRare &&
    getAt(configOf(shown.task), [field.name]) === undefined &&
    shown.faults([field.name]).length === 0;
  const open = settings.filter((field) => !isFolded(field));
  const folded: { field: FieldModel; path: readonly string[] }[] = [
    ...settings.filter(isFolded).map((field) => ({ field, path: [field.name] })),
    ...settings.flatMap(({ name, widget }) =>
      widget.kind === "object"
        ? widget.fields
            .filter(
              (field) =>
                field.isRare && getAt(configOf(shown.task), [name, field.name]) === undefined,
            )
            .map((field) => ({ field, path: [name, field.name] }))
        : [],
    ),
  ];
  const items = [
    folded.length > 0 && {
      key: "rare",
      label: `${t("designer.settings.rare")} (${folded.length})`,
      children: (
        <div className={styles.inner}>
          {folded.map(({ field, path }) => (
            <ConfigField key={path.join(".")} field={field} path={path} shown={shown} />
          ))}
        </div>
      ),
    },
    outputs.length > 0 && {
      key: "outputs",
      label: t("designer.settings.outputs"),
      children: (
        <div className={styles.inner}>
          {outputs.map((field) => (
            <OutputField key={field.name} field={field} shown={shown} />
          ))}
        </div>
      ),
    },
  ].filter((item) => item !== false);
  const hasFaultyOutput = outputs.some((field) => shown.faults([field.name]).length > 0);
  return (
    <div className={styles.inner}>
      {open.map((field) => (
        <ConfigField key={field.name} field={field} path={[field.name]} shown={shown} />
      ))}
      {open.length === 0 && folded.length === 0 && (
        <p className="faint">{t("designer.settings.none")}</p>
      )}
      <Collapse
        ghost
        size="small"
        items={items}
        {...(hasFaultyOutput && { defaultActiveKey: ["outputs"] })}
      />
    </div>
  );
}
