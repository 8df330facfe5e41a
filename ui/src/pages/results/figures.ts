/** A result's single values by their path, numbers apart from words and switches. */
export interface Figures {
  readonly numbers: readonly (readonly [string, number])[];
  readonly others: readonly (readonly [string, string])[];
}

const MOST = 60;

/** Read every single value of a result, `training_metrics.epochs` as `epochs` where that is clear. */
export function figuresOf(result: unknown): Figures {
  const leaves = leavesOf(result, []).slice(0, MOST);
  const lasts = leaves.map(([path]) => path.at(-1) ?? "");
  const name = (path: readonly string[]) => {
    const last = path.at(-1) ?? "";
    const isClear = lasts.filter((each) => each === last).length === 1 && !/^\d+$/.test(last);
    return isClear ? last : path.join(".");
  };
  const numbers: [string, number][] = [];
  const others: [string, string][] = [];
  for (const [path, value] of leaves) {
    if (typeof value === "number") numbers.push([name(path), value]);
    else others.push([name(path), String(value)]);
  }
  return { numbers, others };
}

type Leaf = [path: string[], value: string | number | boolean];

function leavesOf(value: unknown, path: string[]): Leaf[] {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return [[path, value]];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
}
