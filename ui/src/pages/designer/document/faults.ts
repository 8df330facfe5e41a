import type { components } from "@/api/schema";
import type { Chain, Path } from "@/pages/designer/document/chain";

export type Fault = components["schemas"]["Fault"];

/** A fault, with where it is shown. */
export interface PlacedFault {
  readonly message: string;
  readonly code: string;
  /** In the document. */
  readonly path: Path;
  /** The task's id, where it is in a task. */
  readonly task: string | undefined;
  /** Within the task: ``["task_params", "task_config", "label"]``. */
  readonly inTask: Path;
}

/** Return the API's faults with their places in a chain; keys with dots in them are found too. */
export function placed(chain: Chain, faults: readonly Fault[]): PlacedFault[] {
  return faults.map((fault) => {
    const path = pathIn(chain, fault.path);
    const task = path[0] === "tasks" ? chain.tasks[Number(path[1])] : undefined;
    return {
      message: fault.message,
      code: fault.code,
      path,
      task: task?.task_id,
      inTask: task === undefined ? [] : path.slice(2),
    };
  });
}

function pathIn(chain: Chain, text: string): Path {
  const steps: (string | number)[] = [];
  let here: unknown = chain;
  let rest = text;
  while (rest !== "") {
    const whole = rest;
    const isThere = (key: string) =>
      here !== null && typeof here === "object" && !Array.isArray(here) && key in here;
    // The longest key that is there: a column may be called `a.b`.
    let step = whole.split(".")[0] ?? whole;
    for (let end = whole.length; end > step.length; end = whole.lastIndexOf(".", end - 1)) {
      if (isThere(whole.slice(0, end))) {
        step = whole.slice(0, end);
        break;
      }
    }
    rest = rest.slice(step.length + 1);
    steps.push(Array.isArray(here) ? Number(step) : step);
    here =
      here !== null && typeof here === "object"
        ? (here as Record<string, unknown>)[step]
        : undefined;
  }
  return steps;
}

/** The faults of one task's field of the config, or below it. */
export function faultsAt(faults: readonly PlacedFault[], task: string, path: Path): PlacedFault[] {
  return faults.filter(
    (fault) =>
      fault.task === task && path.every((step, at) => String(fault.inTask[at]) === String(step)),
  );
}

/** Faults by task, counted. */
export function countByTask(faults: readonly PlacedFault[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { task } of faults) {
    if (task !== undefined) counts.set(task, (counts.get(task) ?? 0) + 1);
  }
  return counts;
}

/** The task config's field that a fault is about, so that it is shown there. */
export function fieldOf(fault: PlacedFault): string | undefined {
  const [first, second, third] = fault.inTask;
  return first === "task_params" && second === "task_config" && third !== undefined
    ? String(third)
    : undefined;
}
