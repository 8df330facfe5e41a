/** What a result holds, by its first name: single values, lists, files of parties, tables. */
export interface Figures {
  readonly numbers: readonly Named<number>[];
  readonly words: readonly Named<string | boolean>[];
  readonly files: readonly Named<Readonly<Record<string, string>>>[];
}

export interface Named<T> {
  /** Of a value within a part of the result both names, `bin_counts.age`. */
  readonly name: string;
  readonly value: T;
}

/** A value of every party is written below this name, as a path of the one that has it is. */
const ALONE = "";
const MOST = 300;

/** Read a result's values; a list of records (its report draws it) is left out. */
export function figuresOf(result: unknown): Figures {
  const numbers: Named<number>[] = [];
  const words: Named<string | boolean>[] = [];
  const files: Named<Record<string, string>>[] = [];
  walk(result, "", (name, value) => {
    if (typeof value === "number") numbers.push({ name, value });
    else if (typeof value === "string" && isPath(value)) {
      files.push({ name, value: { [ALONE]: value } });
    } else if (isPaths(value)) files.push({ name, value });
    else if (typeof value === "string" || typeof value === "boolean") words.push({ name, value });
    else if (Array.isArray(value)) words.push({ name, value: value.join(", ") });
  });
  return { numbers: numbers.slice(0, MOST), words, files };
}

/** The parties that hold a model's shares, where a result tells of a saved one. */
export function holdersOf(result: unknown): string[] {
  if (!isRecord(result) || !isPaths(result.model_paths)) return [];
  return Object.keys(result.model_paths);
}

type Visit = (name: string, value: unknown) => void;

function walk(value: unknown, path: string, visit: Visit): void {
  if (!isRecord(value) || isPaths(value)) {
    const isList = Array.isArray(value) && value.every((each) => typeof each !== "object");
    if (value != null && (!Array.isArray(value) || (isList && value.length > 0))) {
      visit(path, value);
    }
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    // What stands about a part alone needs no name before its own.
    const isPart = isRecord(inner) && /metrics$/.test(name);
    walk(inner, isPart ? path : path === "" ? name : `${path}.${name}`, visit);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPath(value: unknown): value is string {
  return typeof value === "string" && value.startsWith("/");
}

function isPaths(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.keys(value).length > 0 && Object.values(value).every(isPath);
}
