import dayjs, { type Dayjs } from "dayjs";

import type { Schedule, ScheduleEdit } from "@/api/schedules";

/** What the form holds. */
export interface Given {
  readonly chain: string;
  readonly name: string;
  readonly kind: "repeated" | "once";
  readonly cron: string;
  readonly at: Dayjs | null;
  readonly zone: string;
  readonly missed: ScheduleEdit["missed"];
}

/** The browser's own time zone. */
export const here = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** Every time zone that the browser knows, the own and UTC first. */
export function zones(): readonly string[] {
  return [...new Set([here(), "UTC", ...Intl.supportedValuesOf("timeZone")])];
}

/** What the form begins with. */
export function firstOf(schedule: Schedule | undefined, chainId: string | undefined): Given {
  return {
    chain: schedule?.chain_id ?? chainId ?? "",
    name: schedule?.name ?? "",
    kind: schedule !== undefined && schedule.cron === null ? "once" : "repeated",
    cron: schedule?.cron ?? "0 2 * * *",
    at: schedule?.at == null ? null : dayjs(schedule.at),
    zone: schedule?.time_zone ?? here(),
    missed: schedule?.missed ?? "skip",
  };
}

/** What is sent: one of `cron` and `at`, as the kind says. */
export function editOf(given: Given, isEnabled: boolean): ScheduleEdit {
  const isOnce = given.kind === "once";
  return {
    name: given.name.trim(),
    cron: isOnce ? null : given.cron.trim(),
    at: isOnce && given.at !== null ? given.at.toISOString() : null,
    time_zone: given.zone,
    missed: given.missed,
    is_enabled: isEnabled,
  };
}
