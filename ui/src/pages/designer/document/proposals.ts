import {
  configOf,
  getAt,
  isObject,
  partiesOfTask,
  type Chain,
  type JsonObject,
  type Task,
} from "@/pages/designer/document/chain";
import {
  kindOf,
  outputsOf,
  type FieldUse,
  type Kinds,
  type TaskKind,
} from "@/pages/designer/document/kinds";

/** A table that a party offers: names and types only. */
export interface OfferedTable {
  readonly path: string;
  readonly columns: readonly OfferedColumn[] | null;
  readonly rows: number | null;
}

export interface OfferedColumn {
  readonly name: string;
  readonly kind: string;
}

/** What each party offers, by party; a party that tells nothing is not in it. */
export type Offers = Readonly<Record<string, readonly OfferedTable[]>>;

const OTHER_SCRIPTS = /[^\p{Script=Latin}\P{L}]/u;

/**
 * A folder name made of a chain's name: letters, digits and dashes.
 *
 * A name in another script leaves none: a number stands for it, so that two such chains do not
 * write over each other's files.
 */
export function slug(name: string): string {
  const found = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 48);
  const stem = found === "" ? "chain" : found;
  return OTHER_SCRIPTS.test(name) ? `${stem}-${numberOf(name.trim())}` : stem;
}

/** The same for the same name (FNV-1a). */
function numberOf(name: string): string {
  let hash = 0x811c9dc5;
  for (const letter of name) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193);
  return (hash >>> 0).toString(36);
}

/** A task id that is not taken: ``ss_lr``, ``ss_lr_2``, ... */
export function freeId(chain: Chain, stem: string): string {
  const taken = new Set(chain.tasks.map((task) => task.task_id));
  const clean = stem.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 56) || "task";
  let id = clean;
  for (let number = 2; taken.has(id); number += 1) id = `${clean}_${number}`;
  return id;
}

/** Where a party's files of this chain go: beside what it has already, or beside its tables. */
export function folderOf(chain: Chain, kinds: Kinds, offers: Offers, party: string): string {
  const name = slug(chain.chain_name);
  const written = pathsOf(chain, kinds, party, "out")[0];
  if (written !== undefined) return parent(written);
  const read = pathsOf(chain, kinds, party, "in").find((path) => path.startsWith("/"));
  const offered = read ?? offers[party]?.[0]?.path;
  return offered === undefined ? assumedFolder(chain, party) : `${parent(offered)}/${name}`;
}

/** The folder while nothing is known of a party's data. */
export function assumedFolder(chain: Chain, party: string): string {
  return `/data/${party}/${slug(chain.chain_name)}`;
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function pathsOf(chain: Chain, kinds: Kinds, party: string, direction: "in" | "out"): string[] {
  return chain.tasks.flatMap((task) => {
    const fields = kindOf(kinds, task.task_type)?.fields ?? [];
    return fields
      .filter((field) => field.direction === direction)
      .map((field) => getAt(configOf(task), [field.name, party]))
      .filter((path): path is string => typeof path === "string" && path.startsWith("/"));
  });
}

/** The proposed file name of what a task writes, without the folder. */
export function fileName(task: Task, kind: TaskKind, field: FieldUse, party: string): string {
  const stem = `${task.task_id}_${party}`;
  if (field.file === "model") return `${stem}_model`;
  if (field.file === "rules") return `${stem}.rules.json`;
  if (field.file === "report") return `${task.task_id}.json`;
  if (isPrediction(field)) return `${task.task_id}_predictions.csv`;
  const isOne = outputsOf(kind).filter((each) => each.file === "table").length === 1;
  return isOne ? `${stem}.csv` : `${task.task_id}_${field.name.replace(/_data$/, "")}_${party}.csv`;
}

/** A table that one party alone is given. */
export function isPrediction(field: FieldUse): boolean {
  return field.file === "table" && field.direction === "out" && field.result_per_party !== true;
}

/** The one party that is told something by a task: as its settings name it, else the first. */
export function holderOf(chain: Chain, task: Task): string {
  const config = configOf(task);
  for (const name of ["prediction_receiver", "receiver", "label_party", "group_party"]) {
    if (typeof config[name] === "string") return config[name];
  }
  for (const name of ["prediction_data", "prediction_output"]) {
    const named = isObject(config[name]) ? Object.keys(config[name])[0] : undefined;
    if (named !== undefined) return named;
  }
  const receivers = config.receivers;
  if (Array.isArray(receivers) && typeof receivers[0] === "string") return receivers[0];
  return partiesOfTask(chain, task)[0] ?? "alice";
}

/** Return a config with places proposed for what a task writes, where it has none. */
export function withOutputs(
  chain: Chain,
  kinds: Kinds,
  offers: Offers,
  task: Task,
  isWanted: (field: FieldUse) => boolean,
): Task {
  const kind = kindOf(kinds, task.task_type);
  if (kind === undefined) return task;
  const config: Record<string, JsonObject[string]> = { ...configOf(task) };
  for (const field of outputsOf(kind)) {
    if (config[field.name] != null || !isWanted(field)) continue;
    const place = (party: string) =>
      `${folderOf(chain, kinds, offers, party)}/${fileName(task, kind, field, party)}`;
    const holder = holderOf(chain, { ...task, task_params: { task_config: config } });
    if (field.per_party !== true) config[field.name] = place(holder);
    else {
      const parties = isPrediction(field) ? [holder] : partiesOfTask(chain, task);
      config[field.name] = Object.fromEntries(parties.map((party) => [party, place(party)]));
    }
  }
  return { ...task, task_params: { ...task.task_params, task_config: config } };
}

/** Move what was proposed before a party's table was chosen to beside that table. */
export function settled(
  chain: Chain,
  kinds: Kinds,
  offers: Offers,
  party: string,
  table: string,
): Chain {
  const name = slug(chain.chain_name);
  const first = offers[party]?.[0];
  const guessed = [assumedFolder(chain, party), first && `${parent(first.path)}/${name}`];
  const to = `${parent(table)}/${name}/`;
  const move = (value: unknown): unknown => {
    if (typeof value === "string") {
      const from = guessed.find((folder) => folder && value.startsWith(`${folder}/`));
      return from === undefined ? value : to + value.slice(from.length + 1);
    }
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, key === party ? move(inner) : inner]),
    );
  };
  const tasks = chain.tasks.map((task) => {
    const kind = kindOf(kinds, task.task_type);
    if (kind === undefined) return task;
    const written = new Set(outputsOf(kind).map((field) => field.name));
    const config = Object.fromEntries(
      Object.entries(configOf(task)).map(([key, value]) => [
        key,
        written.has(key) ? (move(value) as JsonObject[string]) : value,
      ]),
    );
    return { ...task, task_params: { ...task.task_params, task_config: config } };
  });
  return { ...chain, tasks };
}
