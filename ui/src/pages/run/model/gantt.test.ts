import { describe, expect, it } from "vitest";

import { barOf, spanOf, ticks, totals } from "./gantt";
import type { Line } from "./story";

const START = Date.parse("2026-01-01T00:00:00.000Z");

function line(second: number, more: Partial<Line>): Line {
  return {
    id: second,
    kind: "task",
    at: new Date(START + second * 1000).toISOString(),
    runId: "r-1",
    taskId: "lr",
    status: "RUNNING",
    attempt: 1,
    progress: 0,
    stage: undefined,
    party: undefined,
    error: undefined,
    ...more,
  };
}

const LINES = [
  line(0, { status: "QUEUED" }),
  line(2, { stage: "received" }),
  line(3, { stage: "cluster_init", progress: 0.1 }),
  line(4, { stage: "device_creation", progress: 0.3 }),
  line(6, { stage: "task_execution", progress: 0.5 }),
  line(8, { stage: "task_execution", progress: 0.8 }),
  line(10, { status: "SUCCESS", progress: 1 }),
];

describe("a task's bar", () => {
  it("splits into waiting, cluster, device and algorithm", () => {
    const bar = barOf("lr", LINES, START + 99_000);
    expect(bar.isOpen).toBe(false);
    expect(totals(bar)).toEqual({ waiting: 3, cluster: 1, device: 2, algorithm: 4, retry: 0 });
    expect(bar.stretches.map((each) => each.share)).toEqual([
      "waiting",
      "cluster",
      "device",
      "algorithm",
    ]);
  });

  it("grows while the task goes on", () => {
    const bar = barOf("lr", LINES.slice(0, 5), START + 9_000);
    expect(bar.isOpen).toBe(true);
    expect(totals(bar).algorithm).toBe(3);
  });

  it("does not end before it began where the clocks differ", () => {
    expect(barOf("lr", LINES.slice(0, 5), START - 9_000).stretches.at(-1)?.to).toBe(START + 6_000);
  });

  it("shows each attempt and the wait between them", () => {
    const lines = [
      line(0, { status: "QUEUED" }),
      line(1, { stage: "task_execution", progress: 0.5 }),
      line(2, { status: "RETRY" }),
      line(5, { status: "QUEUED", attempt: 2 }),
      line(6, { stage: "task_execution", progress: 0.5, attempt: 2 }),
      line(7, { status: "FAILURE", attempt: 2 }),
    ];
    const bar = barOf("lr", lines, START);
    expect(bar.stretches.map((each) => [each.attempt, each.share])).toEqual([
      [1, "waiting"],
      [1, "algorithm"],
      [1, "retry"],
      [2, "waiting"],
      [2, "algorithm"],
    ]);
    expect(totals(bar).retry).toBe(3);
  });

  it("goes by the progress where the stage was not kept", () => {
    const lines = [0, 0.1, 0.3, 0.6].map((progress, at) => line(at, { progress }));
    expect(totals(barOf("lr", lines, START + 4_000))).toMatchObject({
      waiting: 1,
      cluster: 1,
      device: 1,
      algorithm: 1,
    });
  });

  it("is empty for a task that never began", () => {
    expect(barOf("lr", undefined, START)).toEqual({ taskId: "lr", stretches: [], isOpen: false });
    const skipped = barOf("lr", [line(1, { status: "SKIPPED" })], START);
    expect(skipped.stretches).toEqual([]);
  });
});

describe("the axis", () => {
  it("reaches from the first beginning to the last end", () => {
    const late = barOf("b", [line(20, { status: "QUEUED" }), line(30, { status: "FAILURE" })], 0);
    expect(spanOf([barOf("lr", LINES, 0), late])).toEqual({ from: START, to: START + 30_000 });
    expect(spanOf([])).toBeUndefined();
  });

  it.each([
    [30, 8, [0, 5, 10, 15, 20, 25, 30]],
    [1, 8, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [7_300, 4, [0, 3600, 7200]],
  ])("has round marks for %d seconds", (seconds, most, expected) => {
    expect(ticks({ from: START, to: START + seconds * 1000 }, most)).toEqual(expected);
  });
});
