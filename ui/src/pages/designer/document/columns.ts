import {
  configOf,
  findTask,
  getAt,
  isObject,
  isStrings,
  type Chain,
  type Task,
} from "@/pages/designer/document/chain";
import { inputsOf, kindOf, outputsOf, type Kinds } from "@/pages/designer/document/kinds";
import { isPrediction, type OfferedColumn, type Offers } from "@/pages/designer/document/proposals";
import { referencesIn, resultField } from "@/pages/designer/document/references";

interface Known {
  readonly chain: Chain;
  readonly kinds: Kinds;
  readonly offers: Offers;
}

/** Return the columns of a table that a task reads at a party; undefined where nobody told. */
export function columnsAt(
  known: Known,
  task: Task,
  field: string,
  party: string,
  seen: ReadonlySet<string> = new Set(),
): readonly OfferedColumn[] | undefined {
  const value = configOf(task)[field];
  const path = typeof value === "string" ? value : getAt(value, [party]);
  if (typeof path !== "string") return undefined;
  const reference = referencesIn(path)[0];
  if (reference === undefined) {
    return known.offers[party]?.find((table) => table.path === path)?.columns ?? undefined;
  }
  const source = findTask(known.chain, reference.task);
  const told = resultField(reference);
  if (source === undefined || told === undefined || seen.has(source.task_id)) return undefined;
  return written(known, source, told, party, new Set([...seen, task.task_id]));
}

/** Return the columns of a party's tables that a task works on: its first table's. */
export function columnsOfTask(
  known: Known,
  task: Task,
  party: string,
): readonly OfferedColumn[] | undefined {
  const kind = kindOf(known.kinds, task.task_type);
  const table = kind && inputsOf(kind).find((field) => field.file === "table");
  return table && columnsAt(known, task, table.name, party);
}

function written(
  known: Known,
  task: Task,
  result: string,
  party: string,
  seen: ReadonlySet<string>,
): readonly OfferedColumn[] | undefined {
  const kind = kindOf(known.kinds, task.task_type);
  const output = kind && outputsOf(kind).find((field) => field.result === result);
  const table = kind && inputsOf(kind).find((field) => field.file === "table");
  if (kind === undefined || output === undefined || table === undefined) return undefined;
  const read = columnsAt(known, task, table.name, party, seen);
  if (isPrediction(output)) return predicted(task, party, read ?? []);
  if (kind.name !== "onehot_encoder") return read;
  const gone = new Set(namesAt(configOf(task).columns, party)); // and new ones, named by values
  return read?.filter((column) => !gone.has(column.name));
}

function predicted(
  task: Task,
  party: string,
  read: readonly OfferedColumn[],
): readonly OfferedColumn[] {
  const config = configOf(task);
  const ids = namesAt(config.id_columns, party);
  const label = config.label_party === party && config.keep_label !== false ? config.label : null;
  const name = config.prediction_column;
  const kindOfColumn = (column: string) =>
    read.find((each) => each.name === column)?.kind ?? "unknown";
  return [
    ...ids.map((id) => ({ name: id, kind: kindOfColumn(id) })),
    ...(typeof label === "string" ? [{ name: label, kind: kindOfColumn(label) }] : []),
    { name: typeof name === "string" ? name : "pred_prob", kind: "number" },
  ];
}

/** The columns that a choice names at a party: a list for all, or ``{party: list}``. */
export function namesAt(choice: unknown, party: string): readonly string[] {
  if (isStrings(choice)) return choice;
  const own = isObject(choice) ? choice[party] : undefined;
  return isStrings(own) ? own : [];
}

/** The keys by which an earlier intersection joined the tables, if there was one. */
export function keysBefore(
  known: Known,
  task: Task,
  seen: Set<string> = new Set(),
): Readonly<Record<string, readonly string[]>> | undefined {
  for (const { task: id } of referencesIn(task.task_params)) {
    const source = findTask(known.chain, id);
    if (source === undefined || seen.has(id)) continue;
    seen.add(id);
    const keys = configOf(source).keys;
    const named = isObject(keys) ? keys : configOf(source).id_columns;
    if (isObject(named)) return named as Readonly<Record<string, readonly string[]>>;
    const further = keysBefore(known, source, seen);
    if (further !== undefined) return further;
  }
  return undefined;
}
