import {
  configOf,
  isObject,
  partiesOf,
  setAt,
  type Chain,
  type Json,
  type Task,
} from "@/pages/designer/document/chain";
import { inputsOf, kindOf, outputsOf, type Kinds } from "@/pages/designer/document/kinds";
import { fileName, folderOf, isPrediction, type Offers } from "@/pages/designer/document/proposals";

/** Whether a chain names its parties in its options alone, so that a list of names can be changed. */
export function hasPlainParties(chain: Chain): boolean {
  return chain.options?.sf_init_config == null;
}

/** The parties that are each at a worker of their own, so that a chain has to say where they meet. */
export function withOwnWorkers(
  parties: readonly string[],
  nodes: readonly { readonly party: string | null }[],
): string[] {
  return parties.filter((party) => nodes.some((node) => node.party === party));
}

/** Return the chain with a party called otherwise, wherever it is named. */
export function renameParty(chain: Chain, from: string, to: string): Chain {
  const parties = partiesOf(chain).map((party) => (party === from ? to : party));
  const inPath = new RegExp(`([/_])${from}(?=[/_.]|$)`, "g");
  const inReference = new RegExp(`(\\$\\{tasks\\.[^}]*)\\.${from}(?=[.}])`, "g");
  const move = (value: Json | undefined): Json | undefined => {
    if (typeof value === "string") {
      if (value === from) return to;
      if (value.includes("${")) return value.replace(inReference, `$1.${to}`);
      return value.startsWith("/") ? value.replace(inPath, `$1${to}`) : value;
    }
    if (Array.isArray(value)) return value.map((item: Json) => move(item) as Json);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key === from ? to : key, move(inner)]),
    );
  };
  const tasks = chain.tasks.map((task) => ({
    ...task,
    task_params: move(task.task_params) as Task["task_params"],
  }));
  return { ...setAt(chain, ["options", "parties"], parties), tasks };
}

/** Return the chain without a party, and without what is only its own. */
export function removeParty(chain: Chain, party: string): Chain {
  const parties = partiesOf(chain).filter((each) => each !== party);
  const strip = (value: Json | undefined): Json | undefined => {
    if (!isObject(value)) return value;
    const entries = Object.entries(value).filter(([key]) => key !== party);
    return Object.fromEntries(entries.map(([key, inner]) => [key, strip(inner)]));
  };
  const tasks = chain.tasks.map((task) => ({
    ...task,
    task_params: strip(task.task_params) as Task["task_params"],
  }));
  return { ...setAt(chain, ["options", "parties"], parties), tasks };
}

/** Return the chain with one more party: it takes and writes what the others do. */
export function addParty(chain: Chain, kinds: Kinds, offers: Offers, party: string): Chain {
  const known = partiesOf(chain);
  const wider = setAt(chain, ["options", "parties"], [...known, party]);
  return { ...wider, tasks: wider.tasks.map((task) => widened(wider, kinds, offers, task, party)) };
}

function widened(chain: Chain, kinds: Kinds, offers: Offers, task: Task, party: string): Task {
  const kind = kindOf(kinds, task.task_type);
  if (kind === undefined) return task;
  const config: Record<string, Json | undefined> = { ...configOf(task) };
  for (const field of inputsOf(kind)) {
    const value = config[field.name];
    const [other, reference] = isObject(value) ? (Object.entries(value)[0] ?? []) : [];
    if (typeof reference === "string" && reference.endsWith(`.${other}}`) && isObject(value)) {
      const own = `${reference.slice(0, -String(other).length - 1)}${party}}`;
      config[field.name] = { ...value, [party]: own };
    }
  }
  for (const field of outputsOf(kind)) {
    const value = config[field.name];
    if (!isObject(value) || isPrediction(field)) continue;
    const path = `${folderOf(chain, kinds, offers, party)}/${fileName(task, kind, field, party)}`;
    config[field.name] = { ...value, [party]: path };
  }
  return { ...task, task_params: { ...task.task_params, task_config: config } };
}

/** A name that no party has yet. */
export function freeParty(parties: readonly string[]): string {
  const names = ["alice", "bob", "carol", "dave", "erin"];
  return names.find((name) => !parties.includes(name)) ?? `party${parties.length + 1}`;
}
