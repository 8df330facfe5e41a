import type { AxesChart, Report } from "@/charts/document";

/** A report of one of the things compared. */
export interface Titled {
  readonly title: string;
  readonly report: Report;
}

/** Curves that mean the same whatever the run, so that they can lie over each other. */
const COMPARABLE = ["roc", "precision_recall", "gain", "lift", "calibration"];

/** Lay the curves of several reports over each other: a line for each, and the reference once. */
export function overlaid(reports: readonly Titled[]): AxesChart[] {
  const first = reports[0];
  if (!first || reports.length < 2) return [];
  return COMPARABLE.flatMap((id) => {
    const charts = reports.flatMap(({ title, report }) => {
      const found = report.charts.find((chart) => chart.id === id);
      return found && found.kind === "line" ? [{ title, chart: found }] : [];
    });
    const [base] = charts;
    if (!base || charts.length < 2) return [];
    const lines = charts.flatMap(({ title, chart }) =>
      chart.series
        .filter((series) => !series.dashed)
        .slice(0, 1)
        .map((series) => ({ ...series, name: { en: title, zh: title } })),
    );
    const reference = id === "precision_recall" ? [] : base.chart.series.filter((s) => s.dashed);
    return [{ ...base.chart, series: [...lines, ...reference] }];
  });
}
