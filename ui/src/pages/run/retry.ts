import type { TaskLine } from "@/api/runs";

/**
 * The tasks that a retry runs again: those named, or all that ended without success, and what
 * follows them. The same rule as the orchestrator's, to say it before it is done.
 */
export function retried(tasks: readonly TaskLine[], named: readonly string[] = []): TaskLine[] {
  const chosen = new Set(
    tasks
      .filter((task) => ["FAILURE", "CANCELLED", "SKIPPED"].includes(task.status))
      .filter((task) => named.length === 0 || named.includes(task.node_id))
      .map((task) => task.node_id),
  );
  // Tasks stand in an order in which each comes after those it depends on.
  for (const task of tasks) {
    if (task.depends_on.some((id) => chosen.has(id))) chosen.add(task.node_id);
  }
  return tasks.filter((task) => chosen.has(task.node_id));
}

/** The first task that failed by itself: where the cause is. */
export function rootOf(tasks: readonly TaskLine[]): TaskLine | undefined {
  return tasks
    .filter((task) => task.error && ["FAILURE", "CANCELLED", "RETRY"].includes(task.status))
    .sort((a, b) => (a.completed_at ?? "~").localeCompare(b.completed_at ?? "~"))[0];
}
