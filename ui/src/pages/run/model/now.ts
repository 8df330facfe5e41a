import type { Line, RunStory, Stage } from "./story";

import type { State } from "@/parts/StateShape";

/** A task as it stands: by the newest of what was asked for and what the events tell. */
export interface TaskNow {
  readonly status: State;
  readonly attempt: number;
  readonly progress: number;
  readonly stage: Stage | undefined;
  readonly code: string | undefined;
}

/** How far one party is with the newest attempt of a task. */
export interface PartyNow {
  readonly party: string;
  readonly stage: Stage | undefined;
  readonly progress: number;
}

interface Asked {
  readonly status: State;
  readonly attempt: number;
  readonly progress: number;
  readonly updated_at: string;
  readonly error?: { readonly code: string } | null;
}

/** What a task is like now; a later line of the history beats what was asked for before it. */
export function taskNow(asked: Asked, lines: readonly Line[] | undefined): TaskNow {
  const own = lines?.filter((line) => line.kind === "task") ?? [];
  const last = own.at(-1);
  const stage = last && last.attempt === asked.attempt ? last.stage : undefined;
  const told = {
    status: asked.status,
    attempt: asked.attempt,
    progress: asked.progress,
    stage,
    code: asked.error?.code,
  };
  if (!last?.status || last.at <= asked.updated_at) return told;
  return {
    status: last.status,
    attempt: last.attempt,
    progress: last.progress,
    stage: last.stage,
    code: last.error?.code,
  };
}

/** How far each party is with the newest attempt, the parties by name. */
export function partiesNow(lines: readonly Line[] | undefined): PartyNow[] {
  const newest = Math.max(0, ...(lines ?? []).map((line) => line.attempt));
  const found = new Map<string, PartyNow>();
  for (const line of lines ?? []) {
    if (line.party === undefined || line.attempt !== newest) continue;
    const before = found.get(line.party);
    found.set(line.party, {
      party: line.party,
      stage: line.stage ?? before?.stage,
      progress: Math.max(before?.progress ?? 0, line.progress),
    });
  }
  return [...found.values()].sort((a, b) => a.party.localeCompare(b.party));
}

/** The transitions of a task: where its state, its attempt or its stage changed. */
export function turnsOf(lines: readonly Line[] | undefined): Line[] {
  const turns: Line[] = [];
  for (const line of lines ?? []) {
    if (line.kind === "reuse") turns.push(line);
    if (line.kind !== "task") continue;
    const before = turns.findLast((turn) => turn.kind === "task");
    const isSame =
      before?.status === line.status &&
      before?.attempt === line.attempt &&
      (before?.stage === line.stage || line.status !== "RUNNING");
    if (!isSame) turns.push(line);
  }
  return turns;
}

/** The state of a run by its newest line. */
export function runStatus(story: RunStory | undefined): State | undefined {
  return story?.chain.at(-1)?.status;
}
