import { describe, expect, it } from "vitest";

import { partiesNow, taskNow, turnsOf } from "./now";
import { emptyStory, hear, lineOf, linesOf, type Line } from "./story";

const RUN = "r-1";

function line(id: number, more: Partial<Line> = {}): Line {
  return {
    id,
    kind: "task",
    at: `2026-01-01T00:00:${String(id).padStart(2, "0")}.000Z`,
    runId: RUN,
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

const ids = (lines: readonly Line[] | undefined) => lines?.map((each) => each.id);

describe("a story", () => {
  it("takes each line once, whatever comes twice", () => {
    const once = hear(emptyStory, [line(1), line(2, { status: "SUCCESS" })]);
    const twice = hear(once, [line(1), line(2, { status: "SUCCESS" })]);
    expect(twice).toBe(once);
    expect(once.lastId).toBe(2);
  });

  it("puts what comes late in its place", () => {
    const lines = [
      line(1, { status: "QUEUED" }),
      line(4, { status: "SUCCESS", progress: 1 }),
      line(3, { stage: "task_execution", progress: 0.5 }),
      line(2, { stage: "cluster_init", progress: 0.1 }),
    ];
    const story = hear(emptyStory, lines);
    expect(ids(story.runs[RUN]?.tasks.lr)).toEqual([1, 2, 3, 4]);
    expect(story.lastId).toBe(4);
    const asked = { status: "RUNNING" as const, attempt: 1, progress: 0, updated_at: "2026-01-01" };
    expect(taskNow(asked, story.runs[RUN]?.tasks.lr).status).toBe("SUCCESS");
  });

  it("is the same in whatever order the lines come", () => {
    const lines = [
      line(1, { status: "QUEUED" }),
      ...[2, 3, 4, 5, 6].map((id) => line(id, { stage: "task_execution", progress: id / 10 })),
      line(7, { status: "SUCCESS" }),
    ];
    const straight = hear(emptyStory, lines);
    const reversed = hear(emptyStory, lines.toReversed());
    expect(ids(straight.runs[RUN]?.tasks.lr)).toEqual([1, 2, 6, 7]);
    expect(ids(reversed.runs[RUN]?.tasks.lr)).toEqual([1, 2, 6, 7]);
  });

  it("keeps the runs of a chain apart", () => {
    const story = hear(emptyStory, [line(1), line(2, { runId: "r-2", status: "QUEUED" })]);
    expect(ids(story.runs["r-1"]?.tasks.lr)).toEqual([1]);
    expect(ids(story.runs["r-2"]?.tasks.lr)).toEqual([2]);
  });
});

describe("events", () => {
  const DATA =
    '{"chain_id":"c-1","at":"2026-01-01T00:00:01.000Z","status":"FAILURE","attempt":2,' +
    '"progress":0.5,"stage":"task_execution","error":{"code":"PEER_LOST","type":"RuntimeError",' +
    '"message":"bob is gone","party":"bob","hint":""},"run_id":"r-1","task_id":"lr"}';

  it("are read with their error", () => {
    const read = lineOf("task", "7", DATA);
    expect(read).toMatchObject({
      id: 7,
      runId: "r-1",
      taskId: "lr",
      status: "FAILURE",
      attempt: 2,
    });
    expect(read?.error).toEqual({
      code: "PEER_LOST",
      message: "bob is gone",
      party: "bob",
      hint: undefined,
    });
  });

  it("tell why a task was skipped, where the reason is known", () => {
    const told = '{"at":"2026-01-01T00:00:01Z","run_id":"r-1","task_id":"lr","skip_reason":';
    expect(lineOf("task", "8", `${told}"depends_on"}`)?.skipReason).toBe("depends_on");
    expect(lineOf("task", "9", `${told}"odd"}`)?.skipReason).toBeUndefined();
  });

  it("tell what was found of an earlier success", () => {
    const told = '{"at":"2026-01-01T00:00:01Z","run_id":"r-1","task_id":"lr","holds":"changed",';
    const read = lineOf("reuse", "8", `${told}"why":"a file has changed","party":"bob"}`);
    expect(read?.found).toEqual({ holds: "changed", why: "a file has changed" });
    expect(
      lineOf("reuse", "9", `${told.replace("changed", "odd")}"why":""}`)?.found,
    ).toBeUndefined();
    const lines = [line(1, { status: "SUCCESS" }), read!, line(9, { status: "PENDING" })];
    expect(ids(turnsOf(lines))).toEqual([1, 8, 9]);
  });

  it("that are none of ours are passed over", () => {
    expect(lineOf("created", "1", DATA)).toBeUndefined();
    expect(lineOf("task", "x", DATA)).toBeUndefined();
    expect(lineOf("task", "1", "not JSON")).toBeUndefined();
    expect(lineOf("task", "1", "{}")).toBeUndefined();
  });

  it("are read from a stream that has ended", () => {
    const text = `id: 1\nevent: created\ndata: {}\n\n: still here\n\nid: 2\nevent: task\ndata: ${DATA}\n\n`;
    expect(ids(linesOf(text))).toEqual([2]);
  });
});

describe("a task now", () => {
  const asked = {
    status: "RUNNING" as const,
    attempt: 1,
    progress: 0.4,
    updated_at: "2026-01-01T00:00:05.000Z",
    error: null,
  };

  it("goes by what was asked for where the events are older", () => {
    expect(taskNow(asked, [line(3, { progress: 0.2 })]).progress).toBe(0.4);
    expect(taskNow(asked, undefined)).toMatchObject({ status: "RUNNING", progress: 0.4 });
  });

  it("goes by the events where they are newer", () => {
    const error = { code: "TIMEOUT", message: "m", party: undefined, hint: undefined };
    const told = taskNow(asked, [line(9, { status: "FAILURE", error })]);
    expect(told).toMatchObject({ status: "FAILURE", code: "TIMEOUT" });
  });

  it("knows each party of the newest attempt", () => {
    const lines = [
      line(1, { party: "zoe", progress: 0.9 }),
      line(2, { attempt: 2, kind: "party", party: "bob", progress: 0.1, stage: "cluster_init" }),
      line(3, { attempt: 2, party: "alice", progress: 0.6, stage: "task_execution" }),
      line(4, { attempt: 2, kind: "party", party: "bob", progress: 0.05 }),
    ];
    expect(partiesNow(lines)).toEqual([
      { party: "alice", stage: "task_execution", progress: 0.6 },
      { party: "bob", stage: "cluster_init", progress: 0.1 },
    ]);
  });

  it("turns where its state, attempt or stage changes", () => {
    const lines = [
      line(1, { status: "QUEUED" }),
      line(2, { stage: "task_execution", progress: 0.5, party: "alice" }),
      line(3, { stage: "task_execution", progress: 0.7, party: "bob" }),
      line(4, { status: "RETRY", stage: "task_execution" }),
      line(5, { status: "QUEUED", attempt: 2 }),
    ];
    expect(ids(turnsOf(lines))).toEqual([1, 2, 4, 5]);
  });
});
