import type { Line } from "./story";

/** What a stretch of a task's time went to. */
export type Share = "waiting" | "cluster" | "device" | "algorithm" | "retry";
export const SHARES: readonly Share[] = ["waiting", "cluster", "device", "algorithm", "retry"];

/** From and to in milliseconds since the epoch. */
export interface Stretch {
  readonly share: Share;
  readonly attempt: number;
  readonly from: number;
  readonly to: number;
}

export interface Bar {
  readonly taskId: string;
  readonly stretches: readonly Stretch[];
  /** Whether the task is still going on, so that its last stretch grows. */
  readonly isOpen: boolean;
}

const ENDS = new Set(["SUCCESS", "FAILURE", "CANCELLED", "SKIPPED"]);

/** Split the time of a task by its lines; what goes on ends at `now`. */
export function barOf(taskId: string, lines: readonly Line[] | undefined, now: number): Bar {
  const stretches: Stretch[] = [];
  let open: { share: Share; attempt: number; from: number } | undefined;

  function close(to: number) {
    if (open && to > open.from) stretches.push({ ...open, to });
    open = undefined;
  }

  for (const line of lines ?? []) {
    if (line.kind !== "task" || line.status === undefined) continue;
    const at = Date.parse(line.at);
    const share = ENDS.has(line.status) || line.status === "PENDING" ? undefined : shareOf(line);
    if (open && share === open.share && line.attempt === open.attempt) continue;
    close(at);
    if (share) open = { share, attempt: line.attempt, from: at };
  }
  const isOpen = open !== undefined;
  close(Math.max(now, open?.from ?? now));
  return { taskId, stretches, isOpen };
}

function shareOf(line: Line): Share {
  if (line.status === "RETRY") return "retry";
  if (line.status !== "RUNNING") return "waiting";
  switch (line.stage) {
    case "received":
      return "waiting";
    case "cluster_init":
      return "cluster";
    case "device_creation":
      return "device";
    case "task_execution":
      return "algorithm";
    case undefined: // of an orchestrator that did not keep the stage
      if (line.progress >= 0.5) return "algorithm";
      if (line.progress >= 0.3) return "device";
      return line.progress >= 0.1 ? "cluster" : "waiting";
  }
}

/** How long each share took, in seconds. */
export function totals(bar: Bar): Record<Share, number> {
  const sums = { waiting: 0, cluster: 0, device: 0, algorithm: 0, retry: 0 };
  for (const each of bar.stretches) sums[each.share] += (each.to - each.from) / 1000;
  return sums;
}

/** From the first beginning to the last end of all bars, a second at least. */
export function spanOf(bars: readonly Bar[]): { from: number; to: number } | undefined {
  const all = bars.flatMap((bar) => bar.stretches);
  if (all.length === 0) return undefined;
  const from = Math.min(...all.map((each) => each.from));
  const to = Math.max(...all.map((each) => each.to));
  return { from, to: Math.max(to, from + 1_000) };
}

const STEPS_S = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200,
  86400,
];

/** Marks of the axis, in seconds from its beginning: round, and at most `most` after the first. */
export function ticks(span: { from: number; to: number }, most: number): number[] {
  const length = (span.to - span.from) / 1000;
  const step = STEPS_S.find((each) => length / each <= most) ?? Math.ceil(length / most);
  const count = Math.floor(length / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toFixed(3)));
}
