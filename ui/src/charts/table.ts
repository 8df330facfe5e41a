import { inLanguage, type Chart } from "@/charts/document";

/** A chart's figures as a table, which says the same to who does not see the picture. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** Whether a column holds numbers: they stand to the right, so that they compare by their length. */
export function isNumeric(table: Table, column: number): boolean {
  const known = table.rows.map((row) => row[column]).filter((value) => value != null);
  return known.length > 0 && known.every((value) => typeof value === "number");
}

const MOST_DIGITS = 4;

/** How many digits after the point a column's numbers need, at most four. */
export function digitsOf(table: Table, column: number): number {
  let most = 0;
  for (const row of table.rows) {
    const value = row[column];
    if (typeof value !== "number" || most === MOST_DIGITS) continue;
    const [, digits = ""] = String(Number(value.toFixed(MOST_DIGITS))).split(".");
    most = Math.max(most, digits.length);
  }
  return most;
}

/** Series that share their x stand side by side; others come one after the other, by name. */
export function tableOf(chart: Chart, language: string): Table {
  const say = (text: { en: string; zh: string }) => inLanguage(text, language);
  if (chart.kind === "figures") {
    return { columns: chart.columns.map(say), rows: chart.values };
  }
  if (chart.kind === "heatmap") {
    return {
      columns: ["", ...chart.columns],
      rows: chart.rows.map((name, index) => [name, ...(chart.values[index] ?? [])]),
    };
  }
  const shown = chart.series.filter((series) => !series.dashed);
  const drawn = shown.length > 0 ? shown : chart.series;
  const first = drawn[0];
  if (first && drawn.every((series) => isSame(series.x, first.x))) {
    return {
      columns: [say(chart.x.name), ...drawn.map((series) => say(series.name))],
      rows: first.x.map((x, index) => [x, ...drawn.map((series) => series.y[index] ?? null)]),
    };
  }
  return {
    columns: ["", say(chart.x.name), say(chart.y.name)],
    rows: drawn.flatMap((series) =>
      series.x.map((x, index) => [say(series.name), x, series.y[index] ?? null]),
    ),
  };
}

/** Write a table as CSV (RFC 4180). A text that a spreadsheet would run as a formula is marked. */
export function csvOf(table: Table): string {
  return [table.columns, ...table.rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function isSame(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index]);
}
