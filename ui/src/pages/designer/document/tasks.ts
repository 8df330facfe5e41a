import {
  configOf,
  findTask,
  getAt,
  isObject,
  withTask,
  type Chain,
  type JsonObject,
  type Task,
} from "@/pages/designer/document/chain";
import { join, refusal, unjoin } from "@/pages/designer/document/connect";
import { edgesOf } from "@/pages/designer/document/edges";
import {
  inputsOf,
  kindOf,
  outputsOf,
  type Kinds,
  type TaskKind,
} from "@/pages/designer/document/kinds";
import {
  freeId,
  isPrediction,
  withOutputs,
  type Offers,
} from "@/pages/designer/document/proposals";
import { referencesIn, renamedIn, renamedInCondition } from "@/pages/designer/document/references";

interface Known {
  readonly kinds: Kinds;
  readonly offers: Offers;
}

/** Return the chain with a task of a type added, its required outputs proposed, and its id. */
export function addTask(
  chain: Chain,
  kind: TaskKind,
  { kinds, offers }: Known,
  after?: string,
): { chain: Chain; id: string } {
  const id = freeId(chain, kind.name);
  const bare: Task = {
    task_id: id,
    task_type: kind.name,
    depends_on: [],
    task_params: { task_config: {} },
  };
  const task = withOutputs(chain, kinds, offers, bare, (field) => field.is_required === true);
  const added: Chain = { ...chain, tasks: [...chain.tasks, task] };
  if (after === undefined) return { chain: added, id };
  return { chain: joinedBy(added, { kinds, offers }, after, id), id };
}

/** Hand what a task writes to a later one, wherever there is one way to do it. */
function joinedBy(chain: Chain, { kinds, offers }: Known, from: string, to: string): Chain {
  const [source, target] = [findTask(chain, from), findTask(chain, to)];
  const giving = source && kindOf(kinds, source.task_type);
  const taking = target && kindOf(kinds, target.task_type);
  if (giving === undefined || taking === undefined) return chain;
  const outputs = outputsOf(giving).filter((field) => field.file !== "report");
  let joined = chain;
  const used = new Set<string>();
  for (const input of inputsOf(taking)) {
    const hasIt = input.is_required === true || outputs.some((each) => each.name === input.name);
    if (!hasIt) continue;
    const fits = outputs.filter((output) => output.file === input.file);
    const wantsPrediction = input.name === "prediction_data";
    const output =
      fits.find((each) => each.name === input.name) ??
      fits.find((each) => isPrediction(each) === wantsPrediction && !used.has(each.name));
    if (output === undefined) continue;
    const joint = { from, fromPort: output.name, to, toPort: input.name };
    if (refusal(joined, kinds, joint) !== undefined) continue;
    used.add(output.name);
    joined = join(joined, kinds, offers, joint);
  }
  return joined;
}

/** Return the chain without some tasks; what others took from them is open again. */
export function removeTasks(chain: Chain, kinds: Kinds, ids: readonly string[]): Chain {
  const gone = new Set(ids);
  let left = chain;
  for (const edge of edgesOf(chain, kinds)) {
    if (gone.has(edge.from) && !gone.has(edge.to)) left = unjoin(left, edge);
  }
  return { ...left, tasks: left.tasks.filter((task) => !gone.has(task.task_id)) };
}

/** Whether an id may be a task's: letters, digits, `_` and `-`, and nobody else's. */
export function canBeCalled(chain: Chain, from: string, to: string): boolean {
  const isFree = to === from || findTask(chain, to) === undefined;
  return isFree && /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(to);
}

/** Return the chain with a task called otherwise, wherever it is spoken of. */
export function renameTask(chain: Chain, kinds: Kinds, from: string, to: string): Chain {
  if (from === to || !canBeCalled(chain, from, to)) return chain;
  const names = new Map([[from, to]]);
  const renamed = chain.tasks.map((task) => renamedTask(task, names));
  return withTask({ ...chain, tasks: renamed }, to, (task) => withFilesOf(task, kinds, from, to));
}

function renamedTask(task: Task, names: ReadonlyMap<string, string>): Task {
  return {
    ...task,
    task_id: names.get(task.task_id) ?? task.task_id,
    ...(task.depends_on && { depends_on: task.depends_on.map((id) => names.get(id) ?? id) }),
    task_params: renamedIn(task.task_params, names),
    ...(task.when !== undefined && { when: renamedInCondition(task.when, names) }),
  };
}

/** Files that were named after the task are named after it still. */
function withFilesOf(task: Task, kinds: Kinds, from: string, to: string): Task {
  const kind = kindOf(kinds, task.task_type);
  const written = new Set(kind && outputsOf(kind).map((field) => field.name));
  const file = new RegExp(`/${from.replace(/[-]/g, "\\-")}(?=[_.][^/]*$)`);
  const move = (value: unknown): unknown => {
    if (typeof value === "string") return value.replace(file, `/${to}`);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, move(inner)]));
  };
  const config = Object.fromEntries(
    Object.entries(configOf(task)).map(([key, value]) => [
      key,
      written.has(key) ? (move(value) as JsonObject[string]) : value,
    ]),
  );
  return { ...task, task_params: { ...task.task_params, task_config: config } };
}

/** What a copy of tasks keeps: the tasks as they were. */
export function copyTasks(chain: Chain, ids: readonly string[]): readonly Task[] {
  return chain.tasks.filter((task) => ids.includes(task.task_id));
}

/** Return the chain with copied tasks added under new ids, joined among themselves as they were. */
export function pasteTasks(
  chain: Chain,
  kinds: Kinds,
  copied: readonly Task[],
): { chain: Chain; ids: string[]; names: ReadonlyMap<string, string> } {
  let pasted = chain;
  const names = new Map<string, string>();
  for (const task of copied) {
    const id = freeId({ ...pasted, tasks: pasted.tasks }, task.task_id.replace(/_\d+$/, ""));
    names.set(task.task_id, id);
    pasted = { ...pasted, tasks: [...pasted.tasks, { ...task, task_id: id }] };
  }
  const known = new Set(pasted.tasks.map((task) => task.task_id));
  for (const [from, to] of names) {
    pasted = withTask(pasted, to, (task) => {
      const renamed = withFilesOf(renamedTask({ ...task, task_id: from }, names), kinds, from, to);
      return withoutUnknown(renamed, known);
    });
  }
  return { chain: pasted, ids: [...names.values()], names };
}

/** What a pasted task took from tasks that this chain does not have is open. */
function withoutUnknown(task: Task, known: ReadonlySet<string>): Task {
  const config = { ...configOf(task) };
  for (const name of Object.keys(config)) {
    if (referencesIn(config[name]).some((each) => !known.has(each.task))) delete config[name];
  }
  return {
    ...task,
    depends_on: (task.depends_on ?? []).filter((id) => known.has(id)),
    task_params: { ...task.task_params, task_config: config },
  };
}

/** The name that people read: the task's own, else its type's words, else its id. */
export function titleOf(task: Task): string {
  const name = getAt(task, ["task_name"]);
  return typeof name === "string" && name !== "" ? name : task.task_id;
}
