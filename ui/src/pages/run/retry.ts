import type { TaskLine } from "@/api/runs";

/**
 * The tasks that a retry runs again: those named, or all that ended without success, and what
 * follows them. The same rule as the orchestrator's, to say it before it is done: what its own
 * rule or condition skipped stays so.
 */
export function retried(tasks: readonly TaskLine[], named: readonly string[] = []): TaskLine[] {
  const chosen = new Set<string>();
  // Tasks stand in an order in which each comes after those it depends on.
  for (const { node_id, status, depends_on, skip_reason } of tasks) {
    const isMeant = named.length === 0 || named.includes(node_id);
    const hasEndedBadly = status === "FAILURE" || status === "CANCELLED";
    const isHeldUp = skip_reason === "stop_on_error";
    if (depends_on.some((id) => chosen.has(id)) || (isMeant && (hasEndedBadly || isHeldUp)))
      chosen.add(node_id);
  }
  return tasks.filter((task) => chosen.has(task.node_id));
}

/** The first task that failed by itself: where the cause is. */
export function rootOf(tasks: readonly TaskLine[]): TaskLine | undefined {
  return tasks
    .filter((task) => task.error && ["FAILURE", "CANCELLED", "RETRY"].includes(task.status))
    .sort((a, b) => (a.completed_at ?? "~").localeCompare(b.completed_at ?? "~"))[0];
}
