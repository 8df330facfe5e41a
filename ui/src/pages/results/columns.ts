import type { Chart, Figures } from "@/charts/document";

/** The five figures of a column's box: its ends, its quartiles, its middle. */
export interface Box {
  readonly low: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly high: number;
}

/** A column in brief: how many values are in each interval, where the report tells, and its box. */
export interface Glance {
  readonly column: string;
  readonly counts: readonly number[] | undefined;
  readonly box: Box | undefined;
}

const WANTED = ["minimum", "25 %", "median", "75 %", "maximum"] as const;

/** The columns of a table of statistics, row by row; nothing of any other chart. */
export function glancesOf(chart: Chart, charts: readonly Chart[]): Glance[] | undefined {
  if (chart.kind !== "figures" || chart.id !== "statistics") return undefined;
  const places = WANTED.map((name) => chart.columns.findIndex((column) => column.en === name));
  const glances = chart.values.map((row) => {
    const column = String(row[0] ?? "");
    return { column, counts: countsOf(charts, column), box: boxOf(row, places) };
  });
  return glances.some((each) => each.counts ?? each.box) ? glances : undefined;
}

function countsOf(charts: readonly Chart[], column: string): readonly number[] | undefined {
  const found = charts.find((chart) => chart.id === `histogram.${column}`);
  if (found?.kind !== "histogram") return undefined;
  return found.series[0]?.y.map((count) => count ?? 0);
}

function boxOf(row: Figures["values"][number], places: readonly number[]): Box | undefined {
  const [low, q1, median, q3, high] = places.map((place) => row[place]);
  const isWhole = [low, q1, median, q3, high].every((value) => typeof value === "number");
  if (!isWhole) return undefined;
  return { low, q1, median, q3, high } as Box;
}
