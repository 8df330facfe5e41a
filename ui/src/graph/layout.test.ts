import { describe, expect, it } from "vitest";

import { layout, levels } from "@/graph/layout";
import { NODE_HEIGHT, NODE_WIDTH } from "@/graph/model";
import { walk } from "@/graph/walk";

const diamond = [
  { from: "psi", to: "left" },
  { from: "psi", to: "right" },
  { from: "left", to: "end" },
  { from: "right", to: "end" },
];
const ids = ["psi", "left", "right", "end"];

/** A chain like those of 500 tasks: rows of `width`, each task waiting for two of the row above. */
function wide(count: number, width: number) {
  const names = Array.from({ length: count }, (_, at) => `t${at}`);
  const edges = names.slice(width).flatMap((to, at) => [
    { from: `t${at}`, to },
    { from: `t${at - (at % width) + ((at + 1) % width)}`, to },
  ]);
  return { names, edges };
}

describe("layout", () => {
  it("places a task after all that it waits for", () => {
    const places = layout(ids, diamond);
    for (const { from, to } of diamond) {
      expect(places[to]!.y).toBeGreaterThanOrEqual(places[from]!.y + NODE_HEIGHT);
    }
  });

  it("goes across where asked", () => {
    const places = layout(ids, diamond, "right");
    for (const { from, to } of diamond) {
      expect(places[to]!.x).toBeGreaterThanOrEqual(places[from]!.x + NODE_WIDTH);
    }
  });

  it.each([60, 900])("lets no two of %i tasks overlap", (count) => {
    const { names, edges } = wide(count, 12);
    const places = Object.values(layout(names, edges));
    places.sort((one, other) => one.y - other.y || one.x - other.x);
    for (const [at, place] of places.entries()) {
      const next = places[at + 1];
      if (next === undefined || next.y !== place.y) continue;
      expect(next.x).toBeGreaterThanOrEqual(place.x + NODE_WIDTH);
    }
  });

  it("draws a sweep as a block instead of a row that nobody can read", () => {
    const sweep = Array.from({ length: 24 }, (_, at) => `train[${at}]`);
    const both = sweep.flatMap((id) => [
      { from: "psi", to: id },
      { from: id, to: "end" },
    ]);
    const places = layout(["psi", ...sweep, "end"], both);
    const rows = new Set(sweep.map((id) => places[id]!.y));
    expect(rows.size).toBe(5);
    expect(new Set(sweep.map((id) => places[id]!.x)).size).toBe(5);
    expect(Math.min(...rows)).toBeGreaterThanOrEqual(places.psi!.y + NODE_HEIGHT);
    expect(places.end!.y).toBeGreaterThanOrEqual(Math.max(...rows) + NODE_HEIGHT);
    expect(places["train[4]"]!.y).toBe(places["train[0]"]!.y);
  });

  it("keeps few alike in a row", () => {
    const edges = ["a", "b", "c"].map((to) => ({ from: "psi", to }));
    const places = layout(["psi", "a", "b", "c"], edges);
    expect(new Set(["a", "b", "c"].map((id) => places[id]!.y)).size).toBe(1);
  });

  it("places the same graph the same", () => {
    expect(layout(ids, diamond)).toEqual(layout(ids, diamond));
  });

  it("leaves out edges of tasks that are not there, and edges of a task to itself", () => {
    const places = layout(
      ["a"],
      [
        { from: "a", to: "a" },
        { from: "gone", to: "a" },
      ],
    );
    expect(Object.keys(places)).toEqual(["a"]);
  });

  it("draws a cycle, which is a fault of the chain and not of the picture", () => {
    const cycle = [
      { from: "a", to: "b" },
      { from: "b", to: "a" },
    ];
    expect(Object.keys(layout(["a", "b"], cycle))).toHaveLength(2);
    expect(levels(["a", "b"], cycle).get("a")).toBe(0);
  });
});

describe("walk", () => {
  const places = layout(ids, diamond);
  const edges = diamond.map((edge) => ({ ...edge, kind: "table" as const }));

  it("goes along edges and back", () => {
    const below = walk("psi", "down", places, edges);
    expect(["left", "right"]).toContain(below);
    expect(walk(below!, "up", places, edges)).toBe("psi");
  });

  it("goes to the neighbour in a row, and stops at the end", () => {
    const [first, second] = ["left", "right"].sort((a, b) => places[a]!.x - places[b]!.x);
    expect(walk(first!, "right", places, edges)).toBe(second);
    expect(walk("end", "down", places, edges)).toBeUndefined();
  });
});
