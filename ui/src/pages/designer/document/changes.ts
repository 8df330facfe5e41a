import { isObject } from "@/pages/designer/document/chain";

/** One place where two documents differ; tasks are compared by their ids. */
export interface Difference {
  readonly path: string;
  readonly kind: "added" | "removed" | "changed";
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Return where two values differ, at the deepest places. */
export function changesBetween(before: unknown, after: unknown, path = ""): Difference[] {
  if (before === undefined && after === undefined) return [];
  if (before === undefined) return [{ path, kind: "added", after }];
  if (after === undefined) return [{ path, kind: "removed", before }];
  const [one, other] = [parts(before), parts(after)];
  if (one && other) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].flatMap((key) =>
      changesBetween(one[key], other[key], path === "" ? key : `${path}.${key}`),
    );
  }
  return JSON.stringify(before) === JSON.stringify(after)
    ? []
    : [{ path, kind: "changed", before, after }];
}

/** A value's named parts: an object's fields, or tasks by their ids. */
function parts(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (isObject(value)) return value;
  const isTasks =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => isObject(item) && typeof item.task_id === "string");
  return isTasks
    ? Object.fromEntries((value as { task_id: string }[]).map((task) => [task.task_id, task]))
    : undefined;
}
