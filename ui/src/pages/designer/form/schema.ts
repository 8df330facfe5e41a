import { isObject, type Json, type JsonObject } from "@/pages/designer/document/chain";
import type { FieldUse, TaskKind } from "@/pages/designer/document/kinds";

/** How a value is asked for. */
export type Widget =
  | { readonly kind: "text" | "switch" | "party" | "parties" | "column" | "columns" | "json" }
  | {
      readonly kind: "number";
      readonly isWhole: boolean;
      /** In words such as ``1 … 100``, or ``> 0 … 1`` where an end is left out. */
      readonly range: string | undefined;
    }
  | { readonly kind: "choice"; readonly options: readonly (string | number)[] }
  | { readonly kind: "path"; readonly perParty: boolean }
  | { readonly kind: "object"; readonly fields: readonly FieldModel[] };

/** A field of a form, as the type's JSON Schema describes it. */
export interface FieldModel {
  readonly name: string;
  readonly description: string;
  readonly isRequired: boolean;
  readonly fallback: Json | undefined;
  readonly isRare: boolean;
  readonly widget: Widget;
  readonly use: FieldUse | undefined;
}

/** Fields that few change: they are folded away while they have their defaults. */
const RARE = new Set(
  (
    "task_version method sort left_side prediction_column keep_label seed max_categories " +
    "min_bin_count min_group_rows colsample_by_tree subsample base_score sketch_eps l1_norm " +
    "n_init init dist_scale power gamma min_child_weight bucket_size clip unknown unknown_value " +
    "offset weight histogram_bins sig_type max_categories first_tree_with_label_holder_feature " +
    "join_type protocol"
  ).split(" "),
);

const PARTY = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$";

/** Return the fields of a type's config, in their order; those of every type are left out. */
export function formOf(kind: TaskKind): FieldModel[] {
  return fieldsOf(kind.config_schema, kind.config_schema, kind.fields).filter(
    (field) => field.name !== "task_type" && field.name !== "task_version",
  );
}

function fieldsOf(schema: JsonObject, root: JsonObject, uses: readonly FieldUse[]): FieldModel[] {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties).flatMap(([name, given]) => {
    if (!isObject(given)) return [];
    const use = uses.find((each) => each.name === name);
    return {
      name,
      description: typeof given.description === "string" ? given.description : "",
      isRequired: required.includes(name),
      fallback: given.default,
      isRare: RARE.has(name) && !required.includes(name),
      widget: widgetOf(given, root, use),
      use,
    };
  });
}

function widgetOf(given: JsonObject, root: JsonObject, use: FieldUse | undefined): Widget {
  if (use?.file != null) return { kind: "path", perParty: use.per_party === true };
  const branches = alternatives(given, root);
  const types = new Set(branches.map((branch) => branch.type));
  const first = branches[0] ?? {};
  if (use?.columns != null && use.columns !== "none") {
    return { kind: types.has("array") || isPartyMap(branches) ? "columns" : "column" };
  }
  if (branches.every((branch) => branch.type === "integer" || branch.type === "number")) {
    return numberOf(branches);
  }
  if (branches.length > 1) return { kind: "json" };
  if (Array.isArray(first.enum)) return { kind: "choice", options: first.enum as string[] };
  if (first.const !== undefined) return { kind: "choice", options: [first.const as string] };
  if (first.type === "boolean") return { kind: "switch" };
  if (first.type === "string") return { kind: first.pattern === PARTY ? "party" : "text" };
  if (first.type === "array") {
    const items = isObject(first.items) ? first.items : {};
    return { kind: items.pattern === PARTY ? "parties" : "json" };
  }
  if (isObject(first.properties)) return { kind: "object", fields: fieldsOf(first, root, []) };
  return { kind: "json" };
}

/** What a schema may be, with references followed and null left out: that is to leave it out. */
function alternatives(given: JsonObject, root: JsonObject): JsonObject[] {
  if (typeof given.$ref === "string") {
    const defined = isObject(root.$defs) ? root.$defs[given.$ref.split("/").at(-1) ?? ""] : null;
    return isObject(defined) ? alternatives(defined, root) : [];
  }
  const several = given.anyOf ?? given.oneOf;
  if (!Array.isArray(several)) return given.type === "null" ? [] : [given];
  return several.flatMap((branch: Json) => (isObject(branch) ? alternatives(branch, root) : []));
}

function isPartyMap(branches: readonly JsonObject[]): boolean {
  return branches.some((branch) => isObject(branch.patternProperties));
}

function numberOf(branches: readonly JsonObject[]): Widget {
  const isWhole = branches.every((branch) => branch.type === "integer");
  const [only] = branches;
  // Of several forms, such as a share or a count, each has its own range: the text says it.
  return {
    kind: "number",
    isWhole,
    range: branches.length === 1 ? rangeOf(only ?? {}) : undefined,
  };
}

function rangeOf(schema: JsonObject): string | undefined {
  const end = (inclusive: string, exclusive: string, sign: string) => {
    if (typeof schema[inclusive] === "number") return String(schema[inclusive]);
    return typeof schema[exclusive] === "number" ? `${sign} ${schema[exclusive]}` : undefined;
  };
  const [low, high] = [
    end("minimum", "exclusiveMinimum", ">"),
    end("maximum", "exclusiveMaximum", "<"),
  ];
  if (low !== undefined && high !== undefined) return `${low} … ${high}`;
  if (low !== undefined) return low.startsWith(">") ? low : `≥ ${low}`;
  return high === undefined || high.startsWith("<") ? high : `≤ ${high}`;
}

/** The unit of a number by its field's name: ``timeout_s`` is in seconds. */
export function unitOf(name: string): string | undefined {
  if (name.endsWith("_s")) return "s";
  if (name.endsWith("_bytes")) return "B";
  return undefined;
}

/** Whether a value is left to what an earlier task returns, or to a sweep. */
export function isReference(value: unknown): value is string {
  return typeof value === "string" && value.includes("${");
}
