import { Button } from "antd";
import { useTranslation } from "react-i18next";

import { configOf, isObject, withTask, type Json } from "@/pages/designer/document/chain";
import { isPrediction, withOutputs } from "@/pages/designer/document/proposals";
import { edit } from "@/pages/designer/document/store";
import { PathControl } from "@/pages/designer/form/controls";
import { FieldFrame } from "@/pages/designer/form/FieldFrame";
import type { FieldModel } from "@/pages/designer/form/schema";
import type { Shown } from "@/pages/designer/inspector/useTask";
import { useKnown } from "@/pages/designer/useKnown";
import { useNames } from "@/words/types/useNames";

import styles from "../form/form.module.css";

/** Where what a task writes goes: proposed, and to be changed. */
export function OutputField({ field, shown }: { field: FieldModel; shown: Shown }) {
  const { t } = useTranslation();
  const names = useNames();
  const { kinds, offers } = useKnown();
  const value = configOf(shown.task)[field.name];
  const label = names.field(field.name);
  const propose = () =>
    edit((chain) =>
      withTask(chain, shown.task.task_id, (task) =>
        withOutputs(chain, kinds, offers, task, (use) => use.name === field.name),
      ),
    );
  const isSet = value !== undefined && value !== null;
  const parties = isObject(value)
    ? [
        ...new Set([
          ...Object.keys(value),
          ...(field.use && isPrediction(field.use) ? [] : shown.parties),
        ]),
      ]
    : [];
  const set = (party: string | undefined, path: Json | undefined) =>
    shown.set(party === undefined ? [field.name] : [field.name, party], path);
  return (
    <FieldFrame
      label={label}
      name={field.name}
      isRequired={field.isRequired}
      description={names.describe(field.description)}
      faults={shown.faults([field.name])}
      onRestore={isSet && !field.isRequired ? () => set(undefined, undefined) : undefined}
      restores={t("designer.settings.leftOut")}
    >
      {(ids) => {
        if (!isSet) {
          return (
            <Button {...ids} size="small" onClick={propose}>
              + {label}
            </Button>
          );
        }
        if (!isObject(value)) {
          return (
            <PathControl
              ids={ids}
              label={label}
              value={String(value)}
              options={[]}
              placeholder=""
              onChange={(path) => set(undefined, path)}
            />
          );
        }
        return (
          <div className={styles.parties} id={ids.id} role="group" aria-label={label}>
            {parties.map((party) => (
              <PathControl
                key={party}
                label={`${label}: ${t("designer.inputs.path", { party })}`}
                value={String(value[party] ?? "")}
                options={[]}
                placeholder={party}
                onChange={(path) => set(party, path)}
              />
            ))}
          </div>
        );
      }}
    </FieldFrame>
  );
}
