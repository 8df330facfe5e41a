import { describe, expect, it } from "vitest";

import { lightColours } from "@/charts/colours";
import { confusionAt, confusionsOf, ratesOf } from "@/charts/confusion";
import { describe as say } from "@/charts/describe";
import { boxOf, discsOf, distanceFor, overlap } from "@/charts/discs";
import { readReport, type AxesChart, type HeatMap } from "@/charts/document";
import { fileName } from "@/charts/download";
import { axesOption, heatOption, heightOf, type Drawing } from "@/charts/options";
import { clusterOrder, ordered } from "@/charts/order";
import { csvOf, tableOf } from "@/charts/table";

import correlation from "./recorded/correlation.json";
import evaluation from "./recorded/eval_lr.json";
import statistics from "./recorded/statistics.json";
import woe from "./recorded/woe.json";

const DRAWING: Drawing = {
  language: "en",
  colours: lightColours,
  font: "sans-serif",
  width: 600,
  isStill: true,
  write: String,
};

function chartsOf(document: unknown) {
  const report = readReport(document);
  if (!report) throw new Error("no report");
  return report.charts;
}

const chartOf = (document: unknown, id: string) =>
  chartsOf(document).find((chart) => chart.id === id) as AxesChart;

interface Drawn {
  readonly series: { type: string; name: string; data: unknown[]; lineStyle?: { type: string } }[];
  readonly xAxis: { type: string; min?: number; max?: number; data?: string[] };
  readonly yAxis: { type: string; data?: string[]; inverse?: boolean };
  readonly legend?: object;
  readonly tooltip: { renderMode: string };
}

const drawn = (option: object) => option as Drawn;

describe("a report", () => {
  it("is read with its headlines and charts", () => {
    const report = readReport(evaluation);
    expect(report?.taskType).toBe("biclassification_eval");
    expect(report?.headlines.map((line) => line.name.en)).toContain("AUC");
    expect(report?.charts.map((chart) => chart.id)).toContain("roc");
  });

  it("of another shape is none, and charts of another shape are left out", () => {
    expect(readReport([])).toBeUndefined();
    expect(readReport({ charts: [] })).toBeUndefined();
    const title = { en: "a", zh: "b" };
    const odd = [{ kind: "pie", id: "x", title }, { kind: "line", id: "y", title }, 7, null];
    expect(readReport({ task_type: "t", charts: odd })?.charts).toEqual([]);
  });

  it("of a hostile party ends no page: what is no text or number there is left out", () => {
    const title = { en: "a", zh: "b" };
    const axis = { name: title };
    const of = (x: unknown, y: unknown) => [{ name: title, x, y }];
    const charts = [
      { kind: "figures", id: "a", title, columns: [title], values: [[{}]] },
      { kind: "figures", id: "b", title, columns: {}, values: [] },
      { kind: "figures", id: "c", title, columns: [], values: [], note: "text" },
      { kind: "heatmap", id: "d", title, columns: [{}], rows: ["r"], values: [[1]] },
      { kind: "heatmap", id: "e", title, columns: ["c"], rows: ["r"], values: [[[]]] },
      { kind: "line", id: "f", title, x: axis, y: axis },
      { kind: "line", id: "g", title, x: axis, y: axis, series: of([1], [{}]) },
      { kind: "bar", id: "h", title, x: axis, y: axis, series: of([[]], [1]) },
    ];
    const headlines = [{ name: title, value: {}, meaning: title }];
    const report = readReport({ task_type: "t", headlines, charts });
    expect(report?.charts).toEqual([]);
    expect(report?.headlines).toEqual([]);
  });
});

describe("a drawing", () => {
  it("of a ROC has the model's line, the diagonal, and fixed ends", () => {
    const option = drawn(axesOption(chartOf(evaluation, "roc"), DRAWING));
    expect(option.series.map((series) => [series.type, series.lineStyle?.type])).toEqual([
      ["line", "solid"],
      ["line", "dashed"],
    ]);
    expect([option.xAxis.min, option.xAxis.max]).toEqual([0, 1]);
    expect(option.legend).toBeDefined();
    expect(option.tooltip.renderMode).toBe("richText");
  });

  it("of long names lies on its side, the first on top", () => {
    const option = drawn(axesOption(chartOf(woe, "iv"), DRAWING));
    expect(option.yAxis.type).toBe("category");
    expect(option.yAxis.inverse).toBe(true);
    expect(option.yAxis.data?.[0]).toBe("duration_in_month");
    expect(option.xAxis.type).toBe("value");
    expect(heightOf(chartOf(woe, "iv"))).toBeGreaterThanOrEqual(180);
  });

  it("of bins has their names below, in order", () => {
    const option = drawn(axesOption(chartOf(evaluation, "score_distribution"), DRAWING));
    expect(option.xAxis.type).toBe("category");
    expect(option.xAxis.data).toHaveLength(10);
    expect(option.series.every((series) => series.type === "bar")).toBe(true);
  });

  it("speaks the page's language", () => {
    const option = drawn(axesOption(chartOf(evaluation, "roc"), { ...DRAWING, language: "zh" }));
    expect(option.series[0]?.name).not.toBe("this model");
  });

  it("of a matrix leaves out what has no value", () => {
    const map = chartOf(correlation, "correlation") as unknown as HeatMap;
    const holes = { ...map, values: map.values.map((row) => row.map(() => null)) };
    expect(drawn(heatOption(map, DRAWING)).series[0]?.data).toHaveLength(49);
    expect(drawn(heatOption(holes, DRAWING)).series[0]?.data).toHaveLength(0);
  });

  it("is said in words too", () => {
    expect(say(chartOf(evaluation, "roc"), "en")).toMatch(/^ROC\. .*this model: 0 – 1/);
    expect(say(chartOf(correlation, "correlation"), "en")).toMatch(/7 × 7.*duration_in_month/);
  });
});

describe("a heat map", () => {
  it("brings what moves together side by side", () => {
    const values = [
      [1, 0.1, 0.9, 0],
      [0.1, 1, 0, -0.8],
      [0.9, 0, 1, 0.1],
      [0, -0.8, 0.1, 1],
    ];
    const order = clusterOrder(values);
    expect(order.toSorted()).toEqual([0, 1, 2, 3]);
    expect(Math.abs(order.indexOf(0) - order.indexOf(2))).toBe(1);
    expect(Math.abs(order.indexOf(1) - order.indexOf(3))).toBe(1);
  });

  it("keeps every value with its names", () => {
    const map = chartOf(correlation, "correlation") as unknown as HeatMap;
    const again = ordered(map);
    expect(again.rows.toSorted()).toEqual(map.rows.toSorted());
    map.rows.forEach((row, i) =>
      map.columns.forEach((column, j) => {
        const value = again.values[again.rows.indexOf(row)]?.[again.columns.indexOf(column)];
        expect(value).toBe(map.values[i]?.[j]);
      }),
    );
  });

  it("that is no square stays as it is", () => {
    const map = { ...(chartOf(correlation, "correlation") as unknown as HeatMap), rows: ["a"] };
    expect(ordered(map)).toBe(map);
    expect(clusterOrder([])).toEqual([]);
  });
});

describe("a table", () => {
  it("has series of the same x side by side, without what is only to compare", () => {
    const table = tableOf(chartOf(evaluation, "ks"), "en");
    expect(table.columns).toEqual(["threshold", "positives", "negatives"]);
  });

  it("has the figures of a table as they are", () => {
    const table = tableOf(chartOf(statistics, "statistics"), "zh");
    expect(table.columns[0]).toBe("列");
    expect(table.rows).toHaveLength(7);
  });

  it("is written as CSV that no table program runs", () => {
    const columns = ["name", "a,b", 'say "x"'];
    const csv = csvOf({
      columns,
      rows: [
        ["=1+1", -2.5, null],
        ["-x", 1, "two\nlines"],
      ],
    });
    expect(csv).toBe('name,"a,b","say ""x"""\r\n\'=1+1,-2.5,\r\n\'-x,1,"two\nlines"\r\n');
  });

  it("is saved under a plain name", () => {
    expect(fileName("Weight of evidence / a:b", "csv")).toBe("Weight-of-evidence-a-b.csv");
    expect(fileName("证据权重", "png")).toBe("证据权重.png");
    expect(fileName("//", "csv")).toBe("chart.csv");
  });
});

describe("confusion", () => {
  const all = confusionsOf(chartsOf(evaluation));

  it("is known at every score, and agrees with the report's own table", () => {
    expect(all.length).toBeGreaterThan(50);
    expect(confusionAt(all, 0)).toMatchObject({ tp: 87, fp: 173, fn: 0, tn: 0 });
    expect(confusionAt(all, 1)).toMatchObject({ tp: 0, fp: 0, fn: 87, tn: 173 });
    const table = chartsOf(evaluation).find((chart) => chart.id === "confusion");
    for (const row of table?.kind === "figures" ? table.values : []) {
      const [threshold, tp, fp, tn, fn] = row as number[];
      expect(confusionAt(all, threshold!)).toEqual({ threshold, tp, fp, tn, fn });
    }
  });

  it("never finds more positives as the threshold rises", () => {
    const found = Array.from({ length: 101 }, (_, at) => confusionAt(all, at / 100)?.tp ?? -1);
    expect(found).toEqual(found.toSorted((a, b) => b - a));
  });

  it("has rates, none where they would be nothing of nothing", () => {
    expect(ratesOf({ threshold: 0.5, tp: 3, fp: 1, tn: 4, fn: 2 })).toEqual({
      precision: 0.75,
      recall: 0.6,
      f1: 6 / 9,
      accuracy: 0.7,
      falsePositiveRate: 0.2,
    });
    expect(ratesOf({ threshold: 1, tp: 0, fp: 0, tn: 4, fn: 0 })).toMatchObject({
      precision: null,
      recall: null,
      f1: null,
    });
  });

  it("is not known of a report without its table", () => {
    expect(confusionsOf(chartsOf(statistics))).toEqual([]);
  });
});

describe("discs", () => {
  it.each([
    [1, 1, 0.5],
    [1, 0.5, 0.2],
    [1, 0.3, 0.28],
  ])("of radius %d and %d overlap by an area of %d", (a, b, area) => {
    expect(overlap(a, b, distanceFor(a, b, area))).toBeCloseTo(area, 6);
  });

  it("are as large as their sets, and share what the sets share", () => {
    const [first, second] = discsOf([1000, 250], 100);
    expect((second!.r / first!.r) ** 2).toBeCloseTo(0.25);
    const shared = overlap(first!.r, second!.r, second!.x - first!.x);
    expect((shared / (Math.PI * first!.r ** 2)) * 1000).toBeCloseTo(100, 3);
  });

  it("touch where nothing is in common, and lie within where one is a part of the other", () => {
    const [a, b] = discsOf([10, 10], 0);
    expect(b!.x - a!.x).toBeCloseTo(2);
    const [whole, part] = discsOf([100, 25], 25);
    expect(part!.x + part!.r).toBeLessThanOrEqual(whole!.r + 1e-6);
  });

  it("of three parties all overlap in the middle", () => {
    const discs = discsOf([100, 80, 60], 20);
    expect(discs).toHaveLength(3);
    expect(discs.every((disc) => Math.hypot(disc.x, disc.y) < disc.r)).toBe(true);
    const [left, top, width, height] = boxOf(discs, 0.1);
    expect(left + width).toBeGreaterThan(0);
    expect(top + height).toBeGreaterThan(0);
  });
});
