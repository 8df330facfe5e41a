import type { FieldModel } from "@/pages/designer/form/schema";

/** Columns are chosen beside the tables that they are of, and so is who holds a single one. */
export function isOfColumns(field: FieldModel): boolean {
  return field.widget.kind === "columns" || field.widget.kind === "column" || isHolder(field);
}

function isHolder(field: FieldModel): boolean {
  return field.name === "label_party" || field.name === "group_party";
}
