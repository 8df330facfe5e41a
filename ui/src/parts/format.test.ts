import { expect, it } from "vitest";

import { formatOf } from "./format";

const en = formatOf("en");
const zh = formatOf("zh");
const now = Date.parse("2025-06-01T12:00:00Z");

it("writes durations in two units at most", () => {
  expect([0.34, 5.25, 12.4, 61, 3600, 3661, 90_000].map(en.duration)).toEqual([
    "340ms",
    "5.3s",
    "12s",
    "1m 1s",
    "1h",
    "1h 1m",
    "1d 1h",
  ]);
  expect(en.duration(59.6)).toBe("1m");
  expect(zh.duration(3661)).toBe("1小时 1分钟");
});

it("writes a log's moment as long, and in the browser's time zone as all others", () => {
  const at = new Date(2026, 10, 21, 9, 5, 7, 40);
  expect([en.clock(at), zh.clock(at)]).toEqual(["09:05:07.040", "09:05:07.040"]);
});

it("writes sizes in the unit that fits", () => {
  expect([0, 999, 1500, 2_000_000].map(en.bytes)).toEqual(["0B", "999B", "1.5 kB", "2 MB"]);
});

it("tells how far a moment is, before and after", () => {
  const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();
  expect(en.ago(at(-30), now)).toBe("now");
  expect(en.ago(at(-90), now)).toBe("1 minute ago");
  expect(en.ago(at(40 * 3600), now)).toBe("in 1 day");
  expect(zh.ago(at(-7200), now)).toBe("2小时前");
});

it("writes parts and numbers as the language does", () => {
  expect(en.percent(0.256)).toBe("26%");
  expect(en.percent(0.2564, 1)).toBe("25.6%");
  expect(en.count(12345)).toBe("12,345");
  expect(en.number(0.123456)).toBe("0.1235");
  expect([-0.00001, 0.0000242, 3e-9, -0].map((value) => en.number(value))).toEqual([
    "-0.00001",
    "0.000024",
    "3E-9",
    "0",
  ]);
  expect(en.number(-0.001, 2)).toBe("-0.001");
});
