/** A line of a log. One worker may run several parties: its own lines are then of all of them. */
export interface LogLine {
  readonly parties: readonly string[];
  readonly at: string;
  readonly level: string;
  readonly logger: string;
  readonly message: string;
}

export interface PartyLog {
  readonly party: string;
  readonly lines: readonly Omit<LogLine, "parties">[];
}

export const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;
export type Level = (typeof LEVELS)[number];

export interface LogFilter {
  readonly parties: readonly string[];
  readonly level: Level;
  readonly text: string;
}

/**
 * Merge the parties' logs by time. Of one moment each party's lines stay together, in its order;
 * what a worker says for several parties is there once.
 */
export function mergeLogs(logs: readonly PartyLog[]): LogLine[] {
  const found = new Map<string, LogLine>();
  for (const { party, lines } of logs) {
    const times = new Map<string, number>();
    for (const line of lines) {
      const says = JSON.stringify([line.at, line.level, line.logger, line.message]);
      const time = times.get(says) ?? 0; // one party may well say the same twice
      times.set(says, time + 1);
      const known = found.get(`${time} ${says}`);
      found.set(`${time} ${says}`, { ...line, parties: [...(known?.parties ?? []), party] });
    }
  }
  return [...found.values()]
    .map((line, index) => ({ line, index, at: Date.parse(line.at) }))
    .sort((a, b) => a.at - b.at || micros(a.line.at) - micros(b.line.at) || a.index - b.index)
    .map(({ line }) => line);
}

/** Keep the lines that a filter asks for. No party named means all. */
export function filterLogs(lines: readonly LogLine[], filter: LogFilter): LogLine[] {
  const least = rankOf(filter.level);
  const wanted = filter.text.trim().toLowerCase();
  return lines.filter(
    (line) =>
      (filter.parties.length === 0 ||
        line.parties.some((party) => filter.parties.includes(party))) &&
      rankOf(line.level) >= least &&
      (wanted === "" || `${line.logger} ${line.message}`.toLowerCase().includes(wanted)),
  );
}

/** CRITICAL and whatever else we do not know counts as an error. */
function rankOf(level: string): number {
  const at = LEVELS.indexOf(level as Level);
  return at < 0 ? LEVELS.length : at;
}

/** What a time has below its milliseconds. */
function micros(at: string): number {
  const [, digits = ""] = /\.\d{3}(\d{1,6})/.exec(at) ?? [];
  return Number(digits.padEnd(6, "0") || 0);
}
