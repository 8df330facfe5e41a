/** A thing to compare: a run, or a node of a sweep. */
export interface Column {
  readonly id: string;
  readonly title: string;
  readonly settings: ReadonlyMap<string, string>;
  readonly figures: ReadonlyMap<string, number>;
  /** Tasks that evaluate a model, by the name under which columns have them in common. */
  readonly evaluations: readonly Evaluation[];
}

/** Where the curves of an evaluation are found. */
export interface Evaluation {
  readonly name: string;
  readonly chain: string;
  readonly run: string;
  readonly task: string;
}

/** A setting of every column, undefined where a column does not have it. */
export interface SettingRow {
  readonly name: string;
  readonly values: readonly (string | undefined)[];
}

export interface FigureRow {
  readonly name: string;
  readonly values: readonly (number | undefined)[];
  /** The largest distance from zero, for the bars. */
  readonly most: number;
}

const MOST_FIGURES_OF_A_TASK = 30;
const LEFT_OUT = /(^|\.)(task_type|task_version|completed_at)$/;

/** Titles that are told apart: of two chains of one name, the second is "(2)". */
export function apart(titles: readonly string[]): string[] {
  return titles.map((title, at) => {
    const before = titles.slice(0, at).filter((each) => each === title).length;
    return before === 0 ? title : `${title} (${before + 1})`;
  });
}

/** The settings that differ, where files lie apart from them, and those that are the same. */
export function settingRows(columns: readonly Column[]): {
  differing: SettingRow[];
  places: SettingRow[];
  same: SettingRow[];
} {
  const names = [...new Set(columns.flatMap((column) => [...column.settings.keys()]))];
  const rows = names.map((name) => ({
    name,
    values: columns.map((column) => column.settings.get(name)),
  }));
  // Where outputs go differs by itself wherever something else does.
  const isPlace = ({ values }: SettingRow) => values.some((value) => value?.startsWith("/"));
  const other = rows.filter((row) => !isSame(row.values));
  return {
    differing: other.filter((row) => !isPlace(row)),
    places: other.filter(isPlace),
    same: rows.filter((row) => isSame(row.values)),
  };
}

/** Whether all are the same, one that is missing being another. */
export function isSame(values: readonly unknown[]): boolean {
  return values.every((value) => value === values[0]);
}

/** The figures that two columns at least have, those that differ before those that do not. */
export function figureRows(columns: readonly Column[]): FigureRow[] {
  const names = [...new Set(columns.flatMap((column) => [...column.figures.keys()]))];
  const rows = names.flatMap((name) => {
    const values = columns.map((column) => column.figures.get(name));
    const known = values.filter((value) => value !== undefined);
    if (known.length < Math.min(2, columns.length)) return [];
    const most = Math.max(...known.map(Math.abs));
    return [{ name, values, most }];
  });
  return rows.sort((a, b) => Number(isSame(a.values)) - Number(isSame(b.values)));
}

/** Every single setting below a value, by its path; a list of plain values is one. */
export function settingsOf(value: unknown, path = ""): [string, string][] {
  if (value === null || value === undefined || LEFT_OUT.test(path)) return [];
  if (Array.isArray(value) && value.every((each) => typeof each !== "object")) {
    return [[path, value.join(", ")]];
  }
  if (typeof value === "object") {
    return Object.entries(value).flatMap(([key, inner]) =>
      settingsOf(inner, path === "" ? key : `${path}.${key}`),
    );
  }
  return [[path, String(value)]];
}

/** The settings of a chain's document, each below its task's id. */
export function documentSettings(document: Readonly<Record<string, unknown>>): [string, string][] {
  const tasks = Array.isArray(document.tasks) ? (document.tasks as Record<string, unknown>[]) : [];
  const ofTasks = tasks.flatMap(({ task_id, task_type, task_params, when, for_each }) => {
    const params = (task_params ?? {}) as Record<string, unknown>;
    const own = { task_type: undefined, ...params, when, for_each };
    const { task_config, ...rest } = own as Record<string, unknown>;
    return [
      [`${String(task_id)}.type`, String(task_type)] as [string, string],
      ...settingsOf(task_config, String(task_id)),
      ...settingsOf(rest, String(task_id)),
    ];
  });
  return [...ofTasks, ...settingsOf(document.options, "options")];
}

/** A result's numbers by their path; a result of very many (a matrix) has none worth a row. */
export function resultFigures(result: unknown, path: string): [string, number][] {
  const found = numbersOf(result, path).filter(([name]) => !LEFT_OUT.test(name));
  return found.length > MOST_FIGURES_OF_A_TASK ? [] : found;
}

function numbersOf(value: unknown, path: string): [string, number][] {
  if (typeof value === "number") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, `${path}.${key}`));
}
