import type { Attempt, Task } from "@/api/runs";

type Raw = Readonly<Record<string, unknown>>;

/** One fact that a task disclosed. */
export interface Fact {
  readonly to: string;
  readonly what: string;
  readonly about: string;
}

/** What workers told at the end of an attempt, of which anything may be missing. */
export interface Outcome {
  /** In local mode one worker speaks for all: the empty name. */
  readonly party: string;
  readonly metrics: Raw;
  readonly metadata: Raw;
  readonly worker: string | undefined;
}

/** What each worker told at the end of an attempt that succeeded. */
export function outcomesOf(attempt: Attempt | undefined): Outcome[] {
  return Object.entries(attempt?.outcomes ?? {}).flatMap(([party, event]) => {
    const result = recordOf(recordOf(event).result);
    const celery = recordOf(result.celery_metadata);
    return Object.keys(result).length === 0
      ? []
      : [
          {
            party,
            metrics: recordOf(result.performance_metrics),
            metadata: recordOf(result.task_metadata),
            worker: wordOf(celery.worker_hostname) || undefined,
          },
        ];
  });
}

/** The facts that a task's newest success disclosed, each once. */
export function disclosedBy(task: Task): Fact[] {
  const last = task.attempts.at(-1);
  const found = new Map<string, Fact>();
  for (const { metadata } of last?.status === "SUCCESS" ? outcomesOf(last) : []) {
    for (const line of Array.isArray(metadata.disclosed) ? (metadata.disclosed as unknown[]) : []) {
      const { to, what, about } = recordOf(line);
      const fact = { to: wordOf(to), what: wordOf(what), about: wordOf(about) };
      found.set(JSON.stringify(fact), fact);
    }
  }
  return [...found.values()];
}

export function recordOf(value: unknown): Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}

export function wordOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
