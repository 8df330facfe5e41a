import type { TaskLine } from "@/api/runs";
import type { State } from "@/parts/StateShape";

/** One line of a chain's history, as the events tell it. */
export interface Line {
  readonly id: number;
  readonly kind: "chain" | "task" | "party" | "reuse";
  readonly at: string;
  readonly runId: string;
  /** Of a task: its node in the run, such as `lr[2]`. */
  readonly taskId: string | undefined;
  readonly status: State | undefined;
  readonly attempt: number;
  readonly progress: number;
  readonly stage: Stage | undefined;
  readonly party: string | undefined;
  readonly error: LineError | undefined;
  readonly skipReason?: SkipReason | undefined;
  /** What was found of an earlier success: whether it still holds, and why not. */
  readonly found?: Found | undefined;
}

export interface Found {
  readonly holds: "kept" | "unchecked" | "forgotten" | "changed";
  readonly why: string;
}

export interface LineError {
  readonly code: string;
  readonly message: string;
  readonly party: string | undefined;
  readonly hint: string | undefined;
}

/** The field of the chain by which a task was skipped. */
export type SkipReason = NonNullable<TaskLine["skip_reason"]>;
const SKIP_REASONS: readonly unknown[] = [
  "when",
  "trigger_rule",
  "depends_on",
  "stop_on_error",
] satisfies SkipReason[];

export type Stage = "received" | "cluster_init" | "device_creation" | "task_execution";
const STAGES: readonly string[] = ["received", "cluster_init", "device_creation", "task_execution"];

/**
 * What has been heard of a chain, by run and task, each list in the history's order.
 *
 * Lines may come twice (a stream that was resumed) and late (a database that commits in another
 * order): a line counts once, in its place. Of a long row of lines that differ in their progress
 * alone the first and the last are kept.
 */
export interface Story {
  readonly lastId: number;
  readonly runs: Readonly<Record<string, RunStory>>;
}

export interface RunStory {
  readonly chain: readonly Line[];
  readonly tasks: Readonly<Record<string, readonly Line[]>>;
}

export const emptyStory: Story = { lastId: 0, runs: {} };
const emptyRun: RunStory = { chain: [], tasks: {} };

/** Take lines into a story. The same story comes back where nothing is new. */
export function hear(story: Story, lines: readonly Line[]): Story {
  return lines.reduce(hearOne, story);
}

function hearOne(story: Story, line: Line): Story {
  const run = story.runs[line.runId] ?? emptyRun;
  const changed =
    line.taskId === undefined
      ? { ...run, chain: insert(run.chain, line) }
      : {
          ...run,
          tasks: { ...run.tasks, [line.taskId]: insert(run.tasks[line.taskId] ?? [], line) },
        };
  const isKnown =
    line.taskId === undefined
      ? changed.chain === run.chain
      : changed.tasks[line.taskId] === run.tasks[line.taskId];
  if (isKnown) return story;
  return {
    lastId: Math.max(story.lastId, line.id),
    runs: { ...story.runs, [line.runId]: changed },
  };
}

/** Insert a line in its place; the same list comes back where it is there already. */
function insert(lines: readonly Line[], line: Line): readonly Line[] {
  let at = lines.length;
  while (at > 0 && lines[at - 1]!.id > line.id) at -= 1;
  if (lines[at - 1]?.id === line.id) return lines;
  const grown = lines.toSpliced(at, 0, line);
  // A neighbour may now be in the middle of a row, as may the line itself.
  for (const index of [at, at - 1, at + 1]) {
    if (isBetween(grown, index)) return grown.toSpliced(index, 1);
  }
  return grown;
}

function isBetween(lines: readonly Line[], at: number): boolean {
  const [before, line, after] = [lines[at - 1], lines[at], lines[at + 1]];
  return !!before && !!line && !!after && isAlike(before, line) && isAlike(line, after);
}

function isAlike(a: Line, b: Line): boolean {
  return (
    a.kind === b.kind &&
    a.status === b.status &&
    a.attempt === b.attempt &&
    a.stage === b.stage &&
    a.party === b.party &&
    !a.error &&
    !b.error &&
    !a.found &&
    !b.found
  );
}

/** Read an event of the stream; undefined where it is none that the page shows. */
export function lineOf(kind: string, id: string, data: string): Line | undefined {
  const number = Number(id);
  if (!Number.isSafeInteger(number) || !["chain", "task", "party", "reuse"].includes(kind))
    return undefined;
  const told = parsed(data);
  if (typeof told?.run_id !== "string" || typeof told.at !== "string") return undefined;
  const stage = typeof told.stage === "string" ? told.stage : undefined;
  return {
    id: number,
    kind: kind as Line["kind"],
    at: told.at,
    runId: told.run_id,
    taskId: typeof told.task_id === "string" ? told.task_id : undefined,
    status: typeof told.status === "string" ? (told.status as State) : undefined,
    attempt: typeof told.attempt === "number" ? told.attempt : 0,
    progress: typeof told.progress === "number" ? told.progress : 0,
    stage: stage !== undefined && STAGES.includes(stage) ? (stage as Stage) : undefined,
    party: typeof told.party === "string" ? told.party : undefined,
    error: errorOf(told.error),
    skipReason: SKIP_REASONS.includes(told.skip_reason)
      ? (told.skip_reason as SkipReason)
      : undefined,
    found: foundOf(told),
  };
}

/** Read a stream that has ended, as `?follow=false` gives it. */
export function linesOf(text: string): Line[] {
  return text.split("\n\n").flatMap((block) => {
    const fields = new Map(
      block.split("\n").map((line) => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon), line.slice(colon + 2)] as const;
      }),
    );
    const line = lineOf(
      fields.get("event") ?? "",
      fields.get("id") ?? "",
      fields.get("data") ?? "",
    );
    return line ? [line] : [];
  });
}

function foundOf({ holds, why }: Record<string, unknown>): Found | undefined {
  if (holds !== "kept" && holds !== "unchecked" && holds !== "forgotten" && holds !== "changed") {
    return undefined;
  }
  return { holds, why: typeof why === "string" ? why : "" };
}

function errorOf(told: unknown): LineError | undefined {
  if (typeof told !== "object" || told === null) return undefined;
  const { code, message, party, hint } = told as Record<string, unknown>;
  if (typeof code !== "string" || typeof message !== "string") return undefined;
  return {
    code,
    message,
    party: typeof party === "string" ? party : undefined,
    hint: typeof hint === "string" && hint !== "" ? hint : undefined,
  };
}

function parsed(data: string): Record<string, unknown> | undefined {
  try {
    const found: unknown = JSON.parse(data);
    return typeof found === "object" && found !== null
      ? (found as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
