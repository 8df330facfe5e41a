import type { Model } from "@/api/models";

type Held = Model["held"][number];

/** The settings that a model was made with, by their path, without the names of its columns. */
export function parametersOf(parameters: Readonly<Record<string, unknown>>): [string, string][] {
  return leaves(parameters, "").filter(([name]) => !/^(features|task_type)\b/.test(name));
}

/** Whether a holder's share is of another training than most holders' shares. */
export function digestsOf(model: Model): { isOther: (held: Held) => boolean } {
  const counts = new Map<string, number>();
  for (const { saved } of model.held) {
    if (saved?.model_id) counts.set(saved.model_id, (counts.get(saved.model_id) ?? 0) + 1);
  }
  const [usual] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [undefined];
  return {
    isOther: ({ saved }) =>
      saved != null && (saved.task_type !== model.task_type || (saved.model_id ?? usual) !== usual),
  };
}

function leaves(value: unknown, path: string): [string, string][] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value) && value.every((each) => typeof each !== "object")) {
    return [[path, value.join(", ")]];
  }
  if (typeof value === "object") {
    return Object.entries(value).flatMap(([key, inner]) =>
      leaves(inner, path === "" ? key : `${path}.${key}`),
    );
  }
  return [[path, String(value)]];
}
