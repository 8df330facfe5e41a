import type { Chart, Figures } from "@/charts/document";

/** The five figures of a column's box: its ends, its quartiles, its middle. */
export interface ColumnBox {
  readonly column: string;
  readonly count: number | undefined;
  readonly missing: number | undefined;
  readonly low: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly high: number;
}

const WANTED = ["minimum", "25 %", "median", "75 %", "maximum"] as const;

/** The columns of a table of statistics that have all five figures. */
export function columnsOf(charts: readonly Chart[]): ColumnBox[] {
  const table = charts.find(
    (chart): chart is Figures => chart.kind === "figures" && chart.id === "statistics",
  );
  if (!table) return [];
  const at = (name: string) => table.columns.findIndex((column) => column.en === name);
  const places = WANTED.map(at);
  const [column, count, missing] = [at("column"), at("count"), at("missing")];
  if (places.includes(-1) || column < 0) return [];
  return table.values.flatMap((row) => {
    const [low, q1, median, q3, high] = places.map((place) => row[place]);
    const isWhole = [low, q1, median, q3, high].every((value) => typeof value === "number");
    if (!isWhole) return [];
    return [
      {
        column: String(row[column] ?? ""),
        count: numeric(row[count]),
        missing: numeric(row[missing]),
        low: low as number,
        q1: q1 as number,
        median: median as number,
        q3: q3 as number,
        high: high as number,
      },
    ];
  });
}

function numeric(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
