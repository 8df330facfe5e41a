/** The rhythms that a form offers; any other expression is written as it is. */
export type Rhythm =
  | { readonly every: "minutes"; readonly minutes: number }
  | { readonly every: "hour"; readonly minute: number }
  | { readonly every: "day"; readonly hour: number; readonly minute: number }
  | {
      readonly every: "week";
      /** From 0, Sunday, to 6. */
      readonly days: readonly number[];
      readonly hour: number;
      readonly minute: number;
    }
  | {
      readonly every: "month";
      readonly day: number;
      readonly hour: number;
      readonly minute: number;
    };

const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

function numberIn(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

function dayOf(text: string): number | undefined {
  const at = DAYS.indexOf(text.toUpperCase());
  const value = at >= 0 ? at : numberIn(text, 0, 7);
  return value === 7 ? 0 : value;
}

/** The weekdays of a cron field such as `MON-FRI` or `1,3,SUN`; in order from Monday. */
export function daysOf(field: string): readonly number[] | undefined {
  const days = new Set<number>();
  for (const part of field.split(",")) {
    const [first, last, ...more] = part.split("-").map(dayOf);
    if (first === undefined || more.length > 0) return undefined;
    if (!part.includes("-")) {
      days.add(first);
      continue;
    }
    if (last === undefined) return undefined;
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) break;
    }
  }
  return [...days].sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7));
}

/** Read a cron expression as one of the rhythms; undefined where it is none of them. */
export function rhythmOf(cron: string): Rhythm | undefined {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [m, h, d, month, w] = fields as [string, string, string, string, string];
  if (month !== "*") return undefined;
  const step = /^\*\/(\d{1,2})$/.exec(m)?.[1];
  if (step !== undefined) {
    const minutes = Number(step);
    const isEven = minutes >= 1 && minutes < 60 && 60 % minutes === 0;
    return isEven && [h, d, w].every((field) => field === "*")
      ? { every: "minutes", minutes }
      : undefined;
  }
  const minute = numberIn(m, 0, 59);
  if (minute === undefined) return undefined;
  if (h === "*") return d === "*" && w === "*" ? { every: "hour", minute } : undefined;
  const hour = numberIn(h, 0, 23);
  if (hour === undefined) return undefined;
  if (d === "*" && w === "*") return { every: "day", hour, minute };
  if (d === "*") {
    const days = daysOf(w);
    return days && { every: "week", days, hour, minute };
  }
  const day = numberIn(d, 1, 31);
  return day !== undefined && w === "*" ? { every: "month", day, hour, minute } : undefined;
}

/** Write a rhythm as a cron expression. */
export function cronOf(rhythm: Rhythm): string {
  switch (rhythm.every) {
    case "minutes":
      return `*/${rhythm.minutes} * * * *`;
    case "hour":
      return `${rhythm.minute} * * * *`;
    case "day":
      return `${rhythm.minute} ${rhythm.hour} * * *`;
    case "week": {
      const days = rhythm.days.length === 0 ? [1] : rhythm.days;
      return `${rhythm.minute} ${rhythm.hour} * * ${days.map((day) => DAYS[day]).join(",")}`;
    }
    case "month":
      return `${rhythm.minute} ${rhythm.hour} ${rhythm.day} * *`;
  }
}
