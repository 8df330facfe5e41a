import { useMemo } from "react";

import { useChoices, type Language } from "@/frame/choices";

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;
const AGES: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * DAY_S],
  ["month", 30 * DAY_S],
  ["day", DAY_S],
  ["hour", HOUR_S],
  ["minute", MINUTE_S],
];
const LENGTHS: readonly [string, number][] = [
  ["day", DAY_S],
  ["hour", HOUR_S],
  ["minute", MINUTE_S],
  ["second", 1],
];
const BYTES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** Numbers, sizes and times as the language writes them. */
export interface Format {
  count(value: number): string;
  /** `digits` after the point at most, and `least` at least, so that a column's points align. */
  number(value: number, digits?: number, least?: number): string;
  /** Of a part between 0 and 1. */
  percent(part: number, digits?: number): string;
  bytes(value: number): string;
  /** Two units at most: `1h 4m`, `12s`, `340ms`. */
  duration(seconds: number): string;
  /** A moment in the browser's time zone. */
  when(moment: string | Date): string;
  time(moment: string | Date): string;
  /** To the millisecond, always as wide: `09:50:07.535`. */
  clock(moment: string | Date): string;
  day(moment: string | Date): string;
  /** How far a moment is from another, in one unit. */
  ago(moment: string | Date, now: number): string;
}

function makeFormat(language: Language): Format {
  const locale = language === "zh" ? "zh-CN" : "en";
  const number = (value: number, options?: Intl.NumberFormatOptions) =>
    new Intl.NumberFormat(locale, options).format(value);
  const unit = (
    value: number,
    name: string,
    digits = 0,
    unitDisplay: "narrow" | "short" = "narrow",
  ) => number(value, { style: "unit", unit: name, unitDisplay, maximumFractionDigits: digits });
  const full = new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    timeStyle: "short",
    hourCycle: "h23",
  });
  const exact = new Intl.DateTimeFormat(locale, { timeStyle: "medium", hourCycle: "h23" });
  const clock = new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hourCycle: "h23",
  });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const age = new Intl.RelativeTimeFormat(locale); // "tomorrow" would be wrong of 40 hours
  const present = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(0, "second");
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });

  return {
    count: (value) => whole.format(value),
    number: (value, digits = 4, least = 0) =>
      // A little is not nothing: a p-value of 0.00002 is told as that.
      value !== 0 && Math.abs(value) < 10 ** -digits / 2
        ? number(value, { maximumSignificantDigits: 2, notation: notationOf(value) })
        : number(value, {
            minimumFractionDigits: least,
            maximumFractionDigits: digits,
            signDisplay: "negative",
          }),
    percent: (part, digits = 0) =>
      number(part, { style: "percent", maximumFractionDigits: digits }),
    bytes: (value) => {
      const step = value < 1 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), BYTES.length - 1);
      const name = BYTES[step] ?? "byte";
      // Of bytes themselves the short form is the word, and always in the singular.
      return step === 0 ? unit(value, name) : unit(value / 1000 ** step, name, 1, "short");
    },
    duration: (seconds) => {
      if (seconds < 1) return unit(Math.round(seconds * 1000), "millisecond");
      if (seconds < 10) return unit(seconds, "second", 1);
      const total = Math.round(seconds);
      const at = LENGTHS.findIndex(([, length]) => total >= length);
      let rest = total;
      return LENGTHS.slice(at, at + 2)
        .map(([name, length]) => {
          const some = Math.floor(rest / length);
          rest -= some * length;
          return some > 0 ? unit(some, name) : "";
        })
        .filter((text) => text !== "")
        .join(" ");
    },
    when: (moment) => full.format(new Date(moment)),
    time: (moment) => exact.format(new Date(moment)),
    clock: (moment) => clock.format(new Date(moment)),
    day: (moment) => date.format(new Date(moment)),
    ago: (moment, now) => {
      const seconds = (new Date(moment).getTime() - now) / 1000;
      const [name, length] = AGES.find(([, each]) => Math.abs(seconds) >= each) ?? ["second", 1];
      if (name === "second") return present;
      return age.format(Math.trunc(seconds / length), name);
    },
  };
}

function notationOf(value: number): "standard" | "scientific" {
  return Math.abs(value) < 1e-6 ? "scientific" : "standard";
}

const formats = { en: makeFormat("en"), zh: makeFormat("zh") };

/** The formats of the language that the page is in. */
export function useFormat(): Format {
  const language = useChoices((choices) => choices.language);
  return useMemo(() => formats[language], [language]);
}

/** The same outside of components, and for tests. */
export function formatOf(language: Language): Format {
  return formats[language];
}
