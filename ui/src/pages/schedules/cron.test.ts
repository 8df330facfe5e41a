import { expect, it } from "vitest";

import { cronOf, daysOf, rhythmOf } from "./cron";

it.each([
  ["*/15 * * * *", { every: "minutes", minutes: 15 }],
  ["5 * * * *", { every: "hour", minute: 5 }],
  ["30 2 * * *", { every: "day", hour: 2, minute: 30 }],
  ["0 8 * * MON,FRI", { every: "week", days: [1, 5], hour: 8, minute: 0 }],
  ["0 0 31 * *", { every: "month", day: 31, hour: 0, minute: 0 }],
])("reads %s, and writes it again", (cron, rhythm) => {
  expect(rhythmOf(cron)).toEqual(rhythm);
  expect(cronOf(rhythmOf(cron)!)).toBe(cron);
});

it.each([
  "30 2 * * MON-FRI *", // six fields
  "30 2 1 1 *", // once a year
  "30 2 13 * FRI", // the day or the weekday: cron's own riddle
  "*/7 * * * *", // not even within an hour
  "1-5 * * * *",
  "0 24 * * *",
  "60 1 * * *",
  "0 1 32 * *",
  "0 1 * * L",
  "@daily",
  "",
])("leaves %s as it is", (cron) => {
  expect(rhythmOf(cron)).toBeUndefined();
});

it("knows weekdays by name and number, over the week's end too", () => {
  expect(daysOf("MON-FRI")).toEqual([1, 2, 3, 4, 5]);
  expect(daysOf("fri-mon")).toEqual([1, 5, 6, 0]);
  expect(daysOf("0,7,sun")).toEqual([0]);
  expect(daysOf("1-")).toBeUndefined();
  expect(daysOf("8")).toBeUndefined();
});
