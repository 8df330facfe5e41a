import type { Json } from "@/pages/designer/document/chain";

const REFERENCE = /\$\{tasks\.([A-Za-z0-9_-]+)((?:\.[A-Za-z0-9_%@-]+)*)\}/g;

/** A reference to what an earlier task returns. */
export interface Reference {
  readonly task: string;
  /** After the id: ``["result", "output_paths", "alice"]``. */
  readonly path: readonly string[];
  /** Where in the value it stands. */
  readonly place: readonly string[];
}

/** Return every reference to a task in a JSON value. */
export function referencesIn(value: unknown, place: readonly string[] = []): Reference[] {
  if (typeof value === "string") {
    return [...value.matchAll(REFERENCE)].map((match) => ({
      task: match[1] ?? "",
      path: (match[2] ?? "").split(".").filter(Boolean),
      place,
    }));
  }
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => referencesIn(inner, [...place, key]));
}

/** The field of a result that a reference is about; a sweep's node is named before it. */
export function resultField(reference: Reference): string | undefined {
  const at = reference.path.indexOf("result");
  return at < 0 || at > 1 ? undefined : reference.path[at + 1];
}

export function referenceTo(task: string, field: string, party?: string): string {
  return `\${tasks.${task}.result.${field}${party === undefined ? "" : `.${party}`}}`;
}

/** Return a value with every reference to one task made to name another. */
export function renamedIn<T>(value: T, names: ReadonlyMap<string, string>): T {
  if (typeof value === "string") {
    return value.replace(REFERENCE, (whole, task: string, rest: string) => {
      const name = names.get(task);
      return name === undefined ? whole : `\${tasks.${name}${rest}}`;
    }) as T;
  }
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: Json) => renamedIn(item, names)) as T;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, renamedIn(inner, names)]),
  ) as T;
}

const CONDITION = /\btasks(?:\.([A-Za-z_][A-Za-z0-9_]*)|\[\s*(?:"([^"]*)"|'([^']*)')\s*\])/g;

/** Return the tasks that a condition speaks of. */
export function namedInCondition(when: string): string[] {
  return [...when.matchAll(CONDITION)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

/** Return a condition with tasks' names changed; a name that is no word goes into brackets. */
export function renamedInCondition(when: string, names: ReadonlyMap<string, string>): string {
  return when.replace(CONDITION, (whole, ...groups: (string | undefined)[]) => {
    const name = names.get(groups[0] ?? groups[1] ?? groups[2] ?? "");
    if (name === undefined) return whole;
    return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? `tasks.${name}` : `tasks["${name}"]`;
  });
}
