import { expect, it } from "vitest";

import { readReport } from "@/charts/document";
import evaluation from "@/charts/recorded/eval_lr.json";
import statistics from "@/charts/recorded/statistics.json";

import { overlaid } from "./overlay";

const report = readReport(evaluation)!;
const other = readReport(statistics)!;

it("lays the curves of two runs over each other, with one diagonal", () => {
  const charts = overlaid([
    { title: "Run 1", report },
    { title: "Run 2", report },
  ]);
  const roc = charts.find((chart) => chart.id === "roc");
  expect(roc?.series.map((series) => [series.name.en, series.dashed ?? false])).toEqual([
    ["Run 1", false],
    ["Run 2", false],
    ["by chance", true],
  ]);
  expect(charts.map((chart) => chart.id)).toEqual([
    "roc",
    "precision_recall",
    "gain",
    "lift",
    "calibration",
  ]);
});

it("needs two that have a curve", () => {
  expect(overlaid([{ title: "Run 1", report }])).toEqual([]);
  expect(
    overlaid([
      { title: "Run 1", report },
      { title: "Run 2", report: other },
    ]),
  ).toEqual([]);
});
