import { describe, expect, it } from "vitest";

import type { TaskLine } from "@/api/runs";

import { retried, rootOf } from "./retry";

function task(
  id: string,
  status: TaskLine["status"],
  depends_on: string[] = [],
  ended = "",
): TaskLine {
  return {
    node_id: id,
    task_id: id,
    task_name: id,
    status,
    depends_on,
    completed_at: ended || null,
    error: status === "FAILURE" ? { code: "TIMEOUT", type: "T", message: "m", hint: "" } : null,
  } as TaskLine;
}

const TASKS = [
  task("psi", "SUCCESS"),
  task("lr", "FAILURE", ["psi"], "2026-01-01T00:00:09Z"),
  task("xgb", "FAILURE", ["psi"], "2026-01-01T00:00:05Z"),
  task("eval", "SKIPPED", ["lr"]),
  task("report", "SUCCESS", ["xgb"]),
];

const ids = (tasks: TaskLine[]) => tasks.map((each) => each.node_id);

describe("a retry", () => {
  it("takes what failed, what was skipped, and what follows", () => {
    expect(ids(retried(TASKS))).toEqual(["lr", "xgb", "eval", "report"]);
  });
  it("of one task takes it and what follows it", () => {
    expect(ids(retried(TASKS, ["lr"]))).toEqual(["lr", "eval"]);
    expect(ids(retried(TASKS, ["psi"]))).toEqual([]);
  });
  it("leaves what its own condition has skipped, and what follows that", () => {
    const after = [task("nor", "SKIPPED", ["no"]), task("done", "SUCCESS", ["nor"])];
    const skippedBy = (skip_reason: "when" | "stop_on_error") =>
      ids(retried([...TASKS, { ...task("no", "SKIPPED", ["psi"]), skip_reason }, ...after]));
    expect(skippedBy("when")).toEqual(ids(retried(TASKS)));
    expect(skippedBy("stop_on_error")).toEqual([...ids(retried(TASKS)), "no", "nor", "done"]);
  });
});

it("the root cause is the first failure in time", () => {
  expect(rootOf(TASKS)?.node_id).toBe("xgb");
  expect(rootOf([task("a", "SUCCESS")])).toBeUndefined();
});
