/** A chain document as the page holds it: the contract's model, read loosely, never changed in place. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

export interface Task {
  readonly task_id: string;
  readonly task_name?: string;
  readonly task_type: string;
  readonly depends_on?: readonly string[];
  readonly task_params: {
    readonly task_config: JsonObject;
    readonly [key: string]: Json | undefined;
  };
  readonly when?: string;
  readonly retry?: JsonObject;
  readonly timeout_s?: number;
  readonly queue_timeout_s?: number;
  readonly for_each?: JsonObject;
  readonly trigger_rule?: string;
  readonly [key: string]: Json | undefined;
}

export interface Chain {
  readonly chain_name: string;
  readonly description?: string;
  readonly tasks: readonly Task[];
  readonly options?: JsonObject;
  readonly [key: string]: Json | undefined | readonly Task[];
}

export type Path = readonly (string | number)[];

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Return why a value is no chain that can be drawn, or undefined where it is one. */
export function unreadable(value: unknown): { path: Path; need: string } | undefined {
  if (!isObject(value)) return { path: [], need: "chain_name" };
  if (typeof value.chain_name !== "string") return { path: [], need: "chain_name" };
  if (value.options != null && !isObject(value.options)) return { path: ["options"], need: "{}" };
  if (!Array.isArray(value.tasks)) return { path: [], need: "tasks" };
  const ids = new Set<string>();
  for (const [at, task] of value.tasks.entries()) {
    const path = ["tasks", at];
    if (!isObject(task)) return { path, need: "task_id" };
    if (typeof task.task_id !== "string" || ids.has(task.task_id)) return { path, need: "task_id" };
    ids.add(task.task_id);
    if (typeof task.task_type !== "string") return { path, need: "task_type" };
    if (!isObject(task.task_params) || !isObject(task.task_params.task_config)) {
      return { path, need: "task_params.task_config" };
    }
    if (task.depends_on !== undefined && !isStrings(task.depends_on)) {
      return { path: [...path, "depends_on"], need: "depends_on" };
    }
  }
  return undefined;
}

export function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

export function configOf(task: Task): JsonObject {
  return task.task_params.task_config;
}

export function findTask(chain: Chain, id: string): Task | undefined {
  return chain.tasks.find((task) => task.task_id === id);
}

/** The parties of a chain, as its options name them. */
export function partiesOf(chain: Chain): readonly string[] {
  const named = chain.options?.parties;
  if (isStrings(named)) return named;
  return partiesIn(chain.options?.sf_init_config) ?? [];
}

/** The parties of one task: its own, else the chain's. */
export function partiesOfTask(chain: Chain, task: Task): readonly string[] {
  return partiesIn(task.task_params.sf_init_config) ?? partiesOf(chain);
}

function partiesIn(init: Json | undefined): readonly string[] | undefined {
  if (!isObject(init)) return undefined;
  if (isStrings(init.parties)) return init.parties;
  return isObject(init.parties) ? Object.keys(init.parties) : undefined;
}

/** Return a copy with the value at a path set, or taken away where it is undefined. */
export function setAt<T>(target: T, path: Path, value: unknown): T {
  const [step, ...rest] = path;
  if (step === undefined) return value as T;
  if (Array.isArray(target)) {
    const copy = [...(target as unknown[])];
    if (rest.length === 0 && value === undefined) copy.splice(Number(step), 1);
    else copy[Number(step)] = setAt(copy[Number(step)], rest, value);
    return copy as T;
  }
  const { [step]: inner, ...others } = (isObject(target) ? target : {}) as Record<string, unknown>;
  const set = rest.length === 0 ? value : setAt(inner ?? {}, rest, value);
  if (set === undefined) return others as T;
  // A field keeps its place among the others.
  if (!isObject(target) || !(step in target)) return { ...others, [step]: set } as T;
  return Object.fromEntries(
    Object.entries(target).map(([key, old]) => [key, key === String(step) ? set : old]),
  ) as T;
}

/** Return the value at a path, or undefined. */
export function getAt(target: unknown, path: Path): unknown {
  let found: unknown = target;
  for (const step of path) {
    if (found === null || typeof found !== "object") return undefined;
    found = (found as Record<string | number, unknown>)[step];
  }
  return found;
}

/** Return the chain with one task changed. */
export function withTask(chain: Chain, id: string, change: (task: Task) => Task): Chain {
  return {
    ...chain,
    tasks: chain.tasks.map((task) => (task.task_id === id ? change(task) : task)),
  };
}

/** Return the chain with a field of a task's config set, or taken away where it is undefined. */
export function withConfig(chain: Chain, id: string, path: Path, value: unknown): Chain {
  return withTask(chain, id, (task) => setAt(task, ["task_params", "task_config", ...path], value));
}
