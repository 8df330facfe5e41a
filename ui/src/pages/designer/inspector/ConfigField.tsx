import type { Json, Path } from "@/pages/designer/document/chain";
import { getAt, configOf } from "@/pages/designer/document/chain";
import { ColumnControl, ColumnsControl } from "@/pages/designer/form/ColumnControls";
import { Control, useShown } from "@/pages/designer/form/controls";
import { FieldFrame } from "@/pages/designer/form/FieldFrame";
import type { FieldModel } from "@/pages/designer/form/schema";
import type { Shown } from "@/pages/designer/inspector/useTask";
import { useNames } from "@/words/types/useNames";

import styles from "../form/form.module.css";

interface Props {
  readonly field: FieldModel;
  readonly path: Path;
  readonly shown: Shown;
}

/** One field of a task's config, in the way its schema asks for it. */
export function ConfigField({ field, path, shown }: Props) {
  const names = useNames();
  const fallback = useShown(field.fallback);
  const value = getAt(configOf(shown.task), path) as Json | undefined;
  const { widget } = field;
  if (widget.kind === "object") {
    return (
      <fieldset className={styles.group}>
        <legend className={styles.legend}>{names.field(field.name)}</legend>
        {widget.fields
          .filter((inner) => !inner.isRare || getAt(value, [inner.name]) !== undefined)
          .map((inner) => (
            <ConfigField
              key={inner.name}
              field={inner}
              path={[...path, inner.name]}
              shown={shown}
            />
          ))}
      </fieldset>
    );
  }
  const change = (next: Json | undefined) => shown.set(path, next);
  const canRestore = value !== undefined && !field.isRequired;
  return (
    <FieldFrame
      label={names.field(field.name)}
      name={field.name}
      isRequired={field.isRequired}
      isInline={widget.kind === "switch"}
      description={withRange(field, names.describe(field.description))}
      faults={shown.faults(path)}
      onRestore={canRestore ? () => change(undefined) : undefined}
      restores={fallback}
    >
      {(ids) => {
        if (widget.kind === "columns") {
          return (
            <ColumnsControl
              ids={ids}
              label={names.field(field.name)}
              value={value}
              parties={shown.parties}
              columnsOf={shown.columnsOf}
              onChange={change}
            />
          );
        }
        if (widget.kind === "column") {
          return (
            <ColumnControl
              ids={ids}
              value={value}
              offered={columnsOfOne(shown)}
              onChange={change}
            />
          );
        }
        return (
          <Control
            field={field}
            value={value}
            onChange={change}
            parties={shown.parties}
            ids={ids}
          />
        );
      }}
    </FieldFrame>
  );
}

/** A single column is at one party: the label's holder where one is named, else any. */
function columnsOfOne(shown: Shown) {
  const config = configOf(shown.task);
  const holder = config.label_party ?? config.group_party;
  const parties = typeof holder === "string" ? [holder] : shown.parties;
  const found = parties.flatMap((party) => shown.columnsOf(party) ?? []);
  return [...new Map(found.map((column) => [column.name, column])).values()];
}

function withRange(field: FieldModel, description: string): string {
  const range = field.widget.kind === "number" ? field.widget.range : undefined;
  return range === undefined ? description : `${description} (${range})`;
}
