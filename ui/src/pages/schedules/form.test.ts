import dayjs from "dayjs";
import { expect, it } from "vitest";

import { editOf, firstOf, zones } from "./form";

const first = firstOf(undefined, "c-1");

it("sends either the rhythm or the moment", () => {
  const at = dayjs("2030-01-02T03:04:00Z");
  const sent = { time_zone: "UTC", missed: "skip", name: "nightly" };
  const given = { ...first, name: " nightly ", zone: "UTC", cron: " 0 2 * * * ", at };
  expect(editOf(given, true)).toEqual({ ...sent, cron: "0 2 * * *", at: null, is_enabled: true });
  expect(editOf({ ...given, kind: "once" }, false)).toEqual({
    ...sent,
    cron: null,
    at: "2030-01-02T03:04:00.000Z",
    is_enabled: false,
  });
});

it("begins with the chain that it was asked for, and every night", () => {
  expect(first).toMatchObject({ chain: "c-1", kind: "repeated", cron: "0 2 * * *", at: null });
});

it("offers each time zone once", () => {
  expect(new Set(zones()).size).toBe(zones().length);
  expect(zones()).toContain("UTC");
});
