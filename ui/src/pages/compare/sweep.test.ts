import { expect, it } from "vitest";

import type { TaskLine } from "@/api/runs";

import { followersOf, sweepsOf } from "./sweep";

const line = (node_id: string, task_id: string) => ({ node_id, task_id }) as TaskLine;
const TASKS = [
  line("split", "split"),
  line("lr[0]", "lr"),
  line("lr[1]", "lr"),
  line("first", "first"),
  line("second", "second"),
  line("both", "both"),
];
const reads = (task_id: string, ...paths: string[]) => ({ task_id, task_params: { paths } });
const DOCUMENT = {
  tasks: [
    reads("split"),
    reads("lr", "${tasks.split.result.train_data}"),
    reads("first", "${tasks.lr.0.result.prediction_output}"),
    reads("second", "${tasks.lr.1.result.prediction_output}"),
    reads("both", "${tasks.lr.0.result.x}", "${tasks.lr.1.result.x}"),
  ],
};

it("finds a run's sweeps with their nodes", () => {
  expect(sweepsOf(TASKS).map(({ task, nodes }) => [task, nodes.length])).toEqual([["lr", 2]]);
});

it("gives each node the tasks that read it alone", () => {
  const of = (node: number) => followersOf(TASKS, DOCUMENT, "lr", node).map((each) => each.task_id);
  expect(of(0)).toEqual(["first"]);
  expect(of(1)).toEqual(["second"]);
  expect(followersOf(TASKS, {}, "lr", 0)).toEqual([]);
});
