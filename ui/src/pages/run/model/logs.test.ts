import { describe, expect, it } from "vitest";

import { filterLogs, mergeLogs } from "./logs";

const line = (at: string, message: string, level = "INFO") => ({
  at: `2026-01-01T00:00:${at}Z`,
  level,
  logger: "engine",
  message,
});

describe("the parties' logs", () => {
  const merged = mergeLogs([
    { party: "alice", lines: [line("01.000100", "a1"), line("03.000", "a2", "ERROR")] },
    { party: "bob", lines: [line("01.000050", "b1", "DEBUG"), line("02.5", "b2", "CRITICAL")] },
  ]);

  it("are merged by time, to the microsecond", () => {
    expect(merged.map((each) => each.message)).toEqual(["b1", "a1", "b2", "a2"]);
    expect(merged.flatMap((each) => each.parties)).toEqual(["bob", "alice", "bob", "alice"]);
  });

  it("keep a party's own order within a moment", () => {
    const same = mergeLogs([{ party: "a", lines: [line("01.0", "x"), line("01.0", "y")] }]);
    expect(same.map((each) => each.message)).toEqual(["x", "y"]);
  });

  it("have what one worker says for both parties once", () => {
    const own = [line("01.0", "received"), line("01.0", "again"), line("01.0", "again")];
    const both = mergeLogs([
      { party: "a", lines: own },
      { party: "b", lines: own },
    ]);
    expect(both.map((each) => each.message)).toEqual(["received", "again", "again"]);
    expect(both[0]?.parties).toEqual(["a", "b"]);
  });

  it.each([
    [{ parties: [], level: "DEBUG", text: "" }, ["b1", "a1", "b2", "a2"]],
    [{ parties: ["bob"], level: "DEBUG", text: "" }, ["b1", "b2"]],
    [{ parties: [], level: "WARNING", text: "" }, ["b2", "a2"]],
    [{ parties: [], level: "DEBUG", text: " A2 " }, ["a2"]],
  ] as const)("are narrowed by %o", (filter, expected) => {
    expect(filterLogs(merged, filter).map((each) => each.message)).toEqual(expected);
  });
});
