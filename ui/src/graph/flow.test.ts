import { expect, it } from "vitest";

import { flowEdges, flowNodes } from "@/graph/flow";
import type { CanvasTask } from "@/graph/model";

const task = (id: string): CanvasTask => ({ id, title: id, type: id, group: "Learn" });
const tasks = [task("a"), task("b")];
const places = { a: { x: 0, y: 0 }, b: { x: 0, y: 100 } };
const shown = {
  tasks,
  places,
  selected: new Set<string>(),
  current: "a",
  isEditable: true,
  isAcross: false,
};

it("draws again only what changed", () => {
  const before = flowNodes(shown, []);
  const changed = { ...task("b"), progress: 0.5 };
  const after = flowNodes({ ...shown, tasks: [tasks[0]!, changed] }, before);
  expect(after[0]).toBe(before[0]);
  expect(after[1]).not.toBe(before[1]);
});

it("names edges that lie on each other once, and leaves out those to nowhere", () => {
  const edge = { from: "a", to: "b", kind: "table", fromPort: "out" } as const;
  const drawn = flowEdges(
    [
      { ...edge, toPort: "train", label: "Training rows" },
      { ...edge, toPort: "test", label: "Test rows" },
      { ...edge, to: "gone" },
    ],
    tasks,
    new Set(),
  );
  expect(drawn.map((each) => each.data?.label)).toEqual(["Training rows, Test rows", undefined]);
});
