import { Checkbox, Input, InputNumber, Segmented, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { cronOf, rhythmOf, type Rhythm } from "./cron";
import { useDayWords } from "./useCronWords";

import styles from "./Schedules.module.css";

const KINDS = ["minutes", "hour", "day", "week", "month", "cron"] as const;
type Kind = (typeof KINDS)[number];
const STEPS = [5, 10, 15, 20, 30];
const WEEK = [1, 2, 3, 4, 5, 6, 0];

/** What each kind begins as. */
function first(kind: Exclude<Kind, "cron">, hour: number, minute: number): Rhythm {
  switch (kind) {
    case "minutes":
      return { every: "minutes", minutes: 15 };
    case "hour":
      return { every: "hour", minute };
    case "day":
      return { every: "day", hour, minute };
    case "week":
      return { every: "week", days: [1, 2, 3, 4, 5], hour, minute };
    case "month":
      return { every: "month", day: 1, hour, minute };
  }
}

interface Props {
  readonly value?: string;
  readonly onChange?: (cron: string) => void;
}

/** A cron expression, chosen by its rhythm, or written. */
export function RhythmField({ value = "", onChange }: Props) {
  const { t } = useTranslation();
  const { day } = useDayWords();
  const rhythm = rhythmOf(value);
  const [isWritten, setWritten] = useState(rhythm === undefined);
  const kind: Kind = isWritten || rhythm === undefined ? "cron" : rhythm.every;
  const hour = rhythm && "hour" in rhythm ? rhythm.hour : 2;
  const minute = rhythm && "minute" in rhythm ? rhythm.minute : 0;
  const put = (changed: Rhythm) => onChange?.(cronOf(changed));
  return (
    <>
      <Segmented<Kind>
        block
        className="rhythms"
        aria-label={t("schedules.rhythm")}
        value={kind}
        options={KINDS.map((each) => ({ value: each, label: t(`schedules.kinds.${each}`) }))}
        onChange={(chosen) => {
          setWritten(chosen === "cron");
          if (chosen !== "cron") put(first(chosen, hour, minute));
        }}
      />
      <div className={`${styles.row} rhythm`}>
        {kind === "cron" && (
          <Input
            className="mono"
            value={value}
            placeholder="30 2 * * MON-FRI"
            aria-label={t("schedules.cron")}
            onChange={(event) => onChange?.(event.target.value)}
          />
        )}
        {kind === "minutes" && rhythm?.every === "minutes" && (
          <Select
            aria-label={t("schedules.kinds.minutes")}
            value={rhythm.minutes}
            options={STEPS.map((each) => ({
              value: each,
              label: t("schedules.words.minutes", { count: each }),
            }))}
            onChange={(minutes: number) => put({ every: "minutes", minutes })}
          />
        )}
        {kind === "week" && rhythm?.every === "week" && (
          <Checkbox.Group<number>
            value={[...rhythm.days]}
            options={WEEK.map((each) => ({ value: each, label: day(each) }))}
            onChange={(days) => put({ ...rhythm, days })}
          />
        )}
        {kind === "month" && rhythm?.every === "month" && (
          <InputNumber
            min={1}
            max={31}
            precision={0}
            prefix={t("schedules.dayOfMonth")}
            aria-label={t("schedules.dayOfMonth")}
            value={rhythm.day}
            onChange={(chosen) => put({ ...rhythm, day: chosen ?? 1 })}
          />
        )}
        {kind === "hour" && rhythm?.every === "hour" && (
          <InputNumber
            min={0}
            max={59}
            precision={0}
            prefix={t("schedules.minute")}
            aria-label={t("schedules.minute")}
            value={rhythm.minute}
            onChange={(chosen) => put({ every: "hour", minute: chosen ?? 0 })}
          />
        )}
        {kind !== "cron" && rhythm !== undefined && "hour" in rhythm && (
          <Input
            type="time"
            className="clock"
            aria-label={t("schedules.time")}
            value={`${String(rhythm.hour).padStart(2, "0")}:${String(rhythm.minute).padStart(2, "0")}`}
            onChange={(event) => {
              const [h, m] = event.target.value.split(":").map(Number);
              if (h !== undefined && m !== undefined) put({ ...rhythm, hour: h, minute: m });
            }}
          />
        )}
      </div>
    </>
  );
}
