/**
 * A task's report: what a page needs to draw it, and nothing that it must know of the task type.
 *
 * The same shapes as the worker writes (`tasks/_charts.py`), so that any report draws, also one of
 * a plugin. A report comes from a party: what is not of these shapes is passed over.
 */
export interface Text {
  readonly en: string;
  readonly zh: string;
}

export interface Headline {
  readonly name: Text;
  readonly value: number | string | null;
  readonly meaning: Text;
}

export interface Axis {
  readonly name: Text;
  readonly kind?: "number" | "category";
  readonly low?: number | null;
  readonly high?: number | null;
}

export interface Series {
  readonly name: Text;
  readonly x: readonly (number | string)[];
  readonly y: readonly (number | null)[];
  readonly dashed?: boolean;
}

interface Titled {
  readonly id: string;
  readonly title: Text;
  readonly note?: Text | null;
}

export interface AxesChart extends Titled {
  readonly kind: "line" | "step" | "bar" | "histogram" | "scatter";
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

export interface HeatMap extends Titled {
  readonly kind: "heatmap";
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  readonly values: readonly (readonly (number | null)[])[];
  readonly low: number;
  readonly high: number;
}

export interface Figures extends Titled {
  readonly kind: "figures";
  readonly columns: readonly Text[];
  readonly values: readonly (readonly (string | number | null)[])[];
}

export type Chart = AxesChart | HeatMap | Figures;

export interface Report {
  readonly taskType: string;
  readonly party: string | undefined;
  readonly headlines: readonly Headline[];
  readonly charts: readonly Chart[];
}

type Raw = Record<string, unknown>;

/** Read a report; its charts that are none of ours are left out. */
export function readReport(document: unknown): Report | undefined {
  if (!isRecord(document) || typeof document.task_type !== "string") return undefined;
  return {
    taskType: document.task_type,
    party: typeof document.party === "string" ? document.party : undefined,
    headlines: listOf(document.headlines).filter(isHeadline),
    charts: listOf(document.charts).filter(isChart),
  };
}

/** The text in the page's language. */
export function inLanguage(text: Text, language: string): string {
  return language.startsWith("zh") ? text.zh : text.en;
}

function isHeadline(value: unknown): value is Headline {
  return isRecord(value) && isText(value.name) && isText(value.meaning) && isCell(value.value);
}

function isChart(value: unknown): value is Chart {
  if (!isRecord(value) || typeof value.id !== "string" || !isText(value.title)) return false;
  if (value.note !== undefined && value.note !== null && !isText(value.note)) return false;
  switch (value.kind) {
    case "heatmap":
      return (
        isListOf(value.rows, isWord) && isListOf(value.columns, isWord) && isTable(value.values)
      );
    case "figures":
      return isListOf(value.columns, isText) && isTable(value.values);
    case "line":
    case "step":
    case "bar":
    case "histogram":
    case "scatter":
      return isAxis(value.x) && isAxis(value.y) && isListOf(value.series, isSeries);
    default:
      return false;
  }
}

function isSeries(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value.name) &&
    isListOf(value.x, isCell) &&
    isListOf(value.y, isCell) &&
    value.x.length === value.y.length
  );
}

function isAxis(value: unknown): boolean {
  return isRecord(value) && isText(value.name);
}

function isTable(value: unknown): boolean {
  return isListOf(value, (row) => isListOf(row, isCell));
}

/** Anything else in a place for one would end the whole page. */
function isCell(value: unknown): boolean {
  return value === null || typeof value === "number" || typeof value === "string";
}

function isWord(value: unknown): boolean {
  return typeof value === "string";
}

function isListOf(value: unknown, isOne: (one: unknown) => boolean): value is unknown[] {
  return Array.isArray(value) && value.every(isOne);
}

function isText(value: unknown): value is Text {
  return isRecord(value) && typeof value.en === "string" && typeof value.zh === "string";
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function isRecord(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
