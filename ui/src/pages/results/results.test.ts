import { expect, it } from "vitest";

import { readReport } from "@/charts/document";
import { digitsOf, isNumeric } from "@/charts/table";
import statistics from "@/charts/recorded/statistics.json";

import { glancesOf } from "./columns";
import { figuresOf, holdersOf } from "./figures";
import { intersectionOf, tableOf } from "./intersection";

it("tells numbers, words and files of a result apart", () => {
  const figures = figuresOf({
    model_saved: true,
    model_paths: { bank: "/data/bank/lr", shop: "/data/shop/lr" },
    training_metrics: { epochs: 3, feature_importance: [{ feature: "age", gain: 1 }] },
    bin_counts: { age: 5 },
    cluster_sizes: [3, 4],
    output_report: "/data/bank/report.json",
    nothing: null,
  });
  expect(figures.numbers).toEqual([
    { name: "epochs", value: 3 },
    { name: "bin_counts.age", value: 5 },
  ]);
  expect(figures.words).toEqual([
    { name: "model_saved", value: true },
    { name: "cluster_sizes", value: "3, 4" },
  ]);
  expect(figures.files).toEqual([
    { name: "model_paths", value: { bank: "/data/bank/lr", shop: "/data/shop/lr" } },
    { name: "output_report", value: { "": "/data/bank/report.json" } },
  ]);
});

it("knows who holds shares of a saved model", () => {
  expect(holdersOf({ model_paths: { bank: "/a", shop: "/b" } })).toEqual(["bank", "shop"]);
  expect(holdersOf({ output_paths: { bank: "/a" } })).toEqual([]);
  expect(holdersOf(null)).toEqual([]);
});

it("has the figures of an intersection as a table, without what nobody is told", () => {
  const reports = [
    { party: "bank", original_count: 10, intersection_count: 4 },
    { party: "shop", original_count: 8, intersection_count: 4 },
  ];
  const say = { party: "Party", rows: "Rows", common: "in common", share: "Share" };
  const found = intersectionOf({ intersection_count: 4, reports })!;
  expect(tableOf(found, say).rows).toEqual([
    ["bank", 10, 4, 0.4],
    ["shop", 8, 4, 0.5],
  ]);
  const untold = reports.map((each) => ({ ...each, intersection_count: -1 }));
  const hidden = intersectionOf({ intersection_count: -1, reports: untold })!;
  expect(tableOf(hidden, say).rows[0]).toEqual(["bank", 10, null, null]);
});

it("has a column's box, and its counts where the report tells them", () => {
  const charts = readReport(statistics)!.charts;
  const table = charts.find((chart) => chart.id === "statistics")!;
  const glances = glancesOf(table, charts)!;
  expect(glances).toHaveLength(7);
  expect(glances[0]?.box?.median).toBeTypeOf("number");
  const text = { en: "", zh: "" };
  const name = glances[0]!.column;
  const histogram = {
    kind: "histogram",
    id: `histogram.${name}`,
    title: text,
    x: { name: text },
    y: { name: text },
    series: [{ name: text, x: ["a", "b"], y: [2, null] }],
  } as const;
  expect(glancesOf(table, [histogram])?.[0]?.counts).toEqual([2, 0]);
  expect(glancesOf(histogram, charts)).toBeUndefined();
});

it("knows a table's columns of numbers, and the digits that they need", () => {
  const table = {
    columns: ["a", "b", "c"],
    rows: [
      ["x", 1.25, null],
      ["y", null, 3],
      ["z", 2, 0.123456],
    ],
  };
  expect(table.columns.map((_, at) => isNumeric(table, at))).toEqual([false, true, true]);
  expect(table.columns.map((_, at) => digitsOf(table, at))).toEqual([0, 2, 4]);
});
