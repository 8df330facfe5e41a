import type { TaskLine } from "@/api/runs";

type Document = Readonly<Record<string, unknown>>;

/** A sweep of a run: a task that ran once for each combination of values. */
export interface Sweep {
  readonly task: string;
  readonly nodes: readonly TaskLine[];
}

/** The sweeps of a run, in its order. */
export function sweepsOf(tasks: readonly TaskLine[]): Sweep[] {
  const found = new Map<string, TaskLine[]>();
  for (const task of tasks) {
    if (task.node_id === task.task_id) continue;
    found.set(task.task_id, [...(found.get(task.task_id) ?? []), task]);
  }
  return [...found].map(([task, nodes]) => ({ task, nodes }));
}

/**
 * The tasks that go on from one node of a sweep alone, as its own evaluation does.
 *
 * A task waits for every node of a sweep; which of them it reads, its references say.
 */
export function followersOf(
  tasks: readonly TaskLine[],
  document: Document,
  sweep: string,
  node: number,
): TaskLine[] {
  const written = Array.isArray(document.tasks) ? (document.tasks as Document[]) : [];
  const own = new Set(
    written
      .filter((task) => {
        const nodes = nodesReadBy(task, sweep);
        return nodes.size === 1 && nodes.has(node);
      })
      .map((task) => task.task_id),
  );
  return tasks.filter((task) => own.has(task.task_id));
}

function nodesReadBy(task: Document, sweep: string): Set<number> {
  const text = JSON.stringify([task.task_params, task.when]);
  const found = text.matchAll(/tasks\.([A-Za-z0-9_-]+)\.(\d+)\./g);
  return new Set([...found].filter(([, name]) => name === sweep).map(([, , at]) => Number(at)));
}
