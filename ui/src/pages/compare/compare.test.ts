import { describe, expect, it } from "vitest";

import {
  apart,
  documentSettings,
  figureRows,
  resultFigures,
  settingRows,
  type Column,
} from "./compare";

function column(
  id: string,
  settings: Record<string, string>,
  figures: Record<string, number>,
): Column {
  return {
    id,
    title: id,
    settings: new Map(Object.entries(settings)),
    figures: new Map(Object.entries(figures)),
    evaluations: [],
  };
}

const COLUMNS = [
  column("1", { "lr.epochs": "5", "lr.rate": "0.1" }, { "eval.auc": 0.7, "psi.count": 9, only: 1 }),
  column(
    "2",
    { "lr.epochs": "9", "lr.rate": "0.1", "lr.l2": "1" },
    { "eval.auc": 0.8, "psi.count": 9 },
  ),
];

describe("a comparison", () => {
  it("has the settings that differ apart from those that do not", () => {
    const { differing, same } = settingRows(COLUMNS);
    expect(differing).toEqual([
      { name: "lr.epochs", values: ["5", "9"] },
      { name: "lr.l2", values: [undefined, "1"] },
    ]);
    expect(same.map((row) => row.name)).toEqual(["lr.rate"]);
  });

  it("has where files lie apart, which differs by itself", () => {
    const places = ["a", "b"].map((name) => column(name, { "lr.output": `/data/${name}.csv` }, {}));
    expect(settingRows(places)).toMatchObject({ differing: [], places: [{ name: "lr.output" }] });
  });

  it("tells columns of one title apart", () => {
    expect(apart(["A", "B", "A", "A"])).toEqual(["A", "B", "A (2)", "A (3)"]);
  });

  it("has the figures in common, those that differ first", () => {
    expect(figureRows(COLUMNS)).toEqual([
      { name: "eval.auc", values: [0.7, 0.8], most: 0.8 },
      { name: "psi.count", values: [9, 9], most: 9 },
    ]);
  });

  it("reads a document's settings by task", () => {
    const read = documentSettings({
      tasks: [
        {
          task_id: "lr",
          task_type: "ss_lr",
          task_params: { task_config: { params: { epochs: 5 }, features: ["a", "b"] } },
        },
      ],
      options: { parties: ["alice", "bob"] },
    });
    expect(read).toEqual([
      ["lr.type", "ss_lr"],
      ["lr.params.epochs", "5"],
      ["lr.features", "a, b"],
      ["options.parties", "alice, bob"],
    ]);
  });

  it("leaves a matrix of figures out", () => {
    expect(resultFigures({ metrics: { auc: 0.7 }, path: "/x" }, "eval")).toEqual([
      ["eval.metrics.auc", 0.7],
    ]);
    const many = Object.fromEntries(Array.from({ length: 31 }, (_, at) => [`c${at}`, at]));
    expect(resultFigures(many, "m")).toEqual([]);
  });
});
