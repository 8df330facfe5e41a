import type { components } from "@/api/schema";
import type { Group, Kind, Port } from "@/graph/model";
import type { JsonObject } from "@/pages/designer/document/chain";

export type FieldUse = components["schemas"]["FieldUse"];

/** A task type, as the API describes it. */
export interface TaskKind {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly group: string;
  readonly summary: string;
  readonly parties: readonly number[];
  readonly devices: readonly string[];
  readonly config_schema: JsonObject;
  readonly fields: readonly FieldUse[];
  readonly disclosure: readonly JsonObject[];
}

export type Kinds = ReadonlyMap<string, TaskKind>;

/** Return the types by name and alias; the newest version of each. */
export function kindsByName(types: readonly TaskKind[]): Kinds {
  const found = new Map<string, TaskKind>();
  for (const kind of types) for (const alias of kind.aliases) found.set(alias, kind);
  for (const kind of types) found.set(kind.name, kind);
  return found;
}

/** Return a task's type by the word that its document has for it: a name, an alias, ``psi@1``. */
export function kindOf(kinds: Kinds, taskType: string): TaskKind | undefined {
  return kinds.get(taskType.split("@")[0] ?? "");
}

export function groupOf(kind: TaskKind | undefined): Group | undefined {
  return kind?.group as Group | undefined;
}

export function inputsOf(kind: TaskKind): readonly FieldUse[] {
  return kind.fields.filter((field) => field.direction === "in");
}

/** What a type writes and its result tells the place of: only that can be handed on. */
export function outputsOf(kind: TaskKind): readonly FieldUse[] {
  return kind.fields.filter((field) => field.direction === "out");
}

/** Where edges may end at a task of this type, and where they begin. */
export function portsOf(
  kind: TaskKind,
  titleOf: (field: string) => string,
): { takes: readonly Port[]; gives: readonly Port[] } {
  const port = (field: FieldUse): Port => ({
    id: field.name,
    kind: (field.file ?? "order") as Kind,
    title: titleOf(field.name),
    isRequired: field.is_required === true,
  });
  return {
    takes: inputsOf(kind).map(port),
    gives: outputsOf(kind)
      .filter((field) => field.file !== "report" && field.result != null)
      .map(port),
  };
}
