import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import { useChoices } from "@/frame/choices";

import { rhythmOf } from "./cron";

const SUNDAY = Date.UTC(2023, 0, 1);
const DAY_MS = 24 * 3600 * 1000;
const WORKDAYS = "1,2,3,4,5";

/** Weekdays and times of day as the language writes them. */
export function useDayWords() {
  const language = useChoices((choices) => choices.language);
  const locale = language === "zh" ? "zh-CN" : "en";
  const day = useCallback(
    (number: number) =>
      new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" }).format(
        SUNDAY + number * DAY_MS,
      ),
    [locale],
  );
  const time = useCallback(
    (hour: number, minute: number) =>
      new Intl.DateTimeFormat(locale, {
        hour: "2-digit",
        minute: "2-digit",
        hourCycle: "h23",
        timeZone: "UTC",
      }).format(SUNDAY + (hour * 60 + minute) * 60_000),
    [locale],
  );
  const list = useCallback(
    (names: readonly string[]) =>
      new Intl.ListFormat(locale, { type: "conjunction" }).format([...names]),
    [locale],
  );
  return { day, time, list };
}

/** Say a cron expression in words, where it is of a usual rhythm. */
export function useCronWords(): (cron: string) => string | undefined {
  const { t } = useTranslation();
  const { day, time, list } = useDayWords();
  return (cron) => {
    const rhythm = rhythmOf(cron);
    switch (rhythm?.every) {
      case undefined:
        return undefined;
      case "minutes":
        return t("schedules.words.minutes", { count: rhythm.minutes });
      case "hour":
        return t("schedules.words.hour", { minute: String(rhythm.minute).padStart(2, "0") });
      case "day":
        return t("schedules.words.day", { time: time(rhythm.hour, rhythm.minute) });
      case "week": {
        const at = time(rhythm.hour, rhythm.minute);
        if (rhythm.days.join() === WORKDAYS) return t("schedules.words.workdays", { time: at });
        return t("schedules.words.week", { days: list(rhythm.days.map(day)), time: at });
      }
      case "month":
        return t("schedules.words.month", {
          day: rhythm.day,
          time: time(rhythm.hour, rhythm.minute),
        });
    }
  };
}
