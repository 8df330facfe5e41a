import type { Joint } from "@/graph/ChainCanvas";
import type { CanvasEdge } from "@/graph/model";
import {
  configOf,
  findTask,
  isObject,
  partiesOfTask,
  withTask,
  type Chain,
  type JsonObject,
  type Task,
} from "@/pages/designer/document/chain";
import { guessColumns } from "@/pages/designer/document/guesses";
import { refersTo, tasksBefore } from "@/pages/designer/document/edges";
import {
  inputsOf,
  kindOf,
  outputsOf,
  type FieldUse,
  type Kinds,
} from "@/pages/designer/document/kinds";
import {
  holderOf,
  isPrediction,
  withOutputs,
  type Offers,
} from "@/pages/designer/document/proposals";
import { referencesIn, referenceTo } from "@/pages/designer/document/references";

/** Why two ports cannot be joined. */
export type Refusal =
  | { readonly why: "same" }
  | { readonly why: "cycle"; readonly from: string; readonly to: string }
  | { readonly why: "kind"; readonly gives: string; readonly takes: string }
  | { readonly why: "unknown" };

interface Ends {
  readonly source: Task;
  readonly target: Task;
  readonly output: FieldUse;
  readonly input: FieldUse;
}

function endsOf(chain: Chain, kinds: Kinds, joint: Joint): Ends | undefined {
  const [source, target] = [findTask(chain, joint.from), findTask(chain, joint.to)];
  const [giving, taking] = [source, target].map((task) => task && kindOf(kinds, task.task_type));
  const output = giving && outputsOf(giving).find((field) => field.name === joint.fromPort);
  const input = taking && inputsOf(taking).find((field) => field.name === joint.toPort);
  return source && target && output && input ? { source, target, output, input } : undefined;
}

/** Return why two ports cannot be joined, or undefined where they can. */
export function refusal(chain: Chain, kinds: Kinds, joint: Joint): Refusal | undefined {
  if (joint.from === joint.to) return { why: "same" };
  const ends = endsOf(chain, kinds, joint);
  if (ends === undefined || ends.output.result == null) return { why: "unknown" };
  if (tasksBefore(chain, joint.from).has(joint.to)) {
    return { why: "cycle", from: joint.from, to: joint.to };
  }
  const [gives, takes] = [ends.output.file ?? "", ends.input.file ?? ""];
  return gives === takes ? undefined : { why: "kind", gives, takes };
}

/** Return the chain with what one task writes handed to another, and what follows from that. */
export function join(chain: Chain, kinds: Kinds, offers: Offers, joint: Joint): Chain {
  const ends = endsOf(chain, kinds, joint);
  if (ends === undefined) return chain;
  const { source, target, output, input } = ends;
  const giving = withOutputs(chain, kinds, offers, source, (field) => field.name === output.name);
  const value = handed(chain, giving, target, output, input);
  const given = withTask(chain, source.task_id, () =>
    isPrediction(output) ? predicting(giving, kinds) : giving,
  );
  const taken = withTask(given, target.task_id, (task) => ({
    ...withField(task, input.name, value),
    depends_on: [...new Set([...(task.depends_on ?? []), source.task_id])],
  }));
  return withTask(taken, target.task_id, (task) => followed(taken, kinds, offers, task, ends));
}

function handed(
  chain: Chain,
  source: Task,
  target: Task,
  output: FieldUse,
  input: FieldUse,
): JsonObject[string] {
  const result = output.result ?? "";
  const written = configOf(source)[output.name];
  if (output.result_per_party !== true) {
    const reference = referenceTo(source.task_id, result);
    if (input.per_party !== true) return reference;
    const party = isObject(written) ? Object.keys(written)[0] : holderOf(chain, source);
    return { [party ?? holderOf(chain, source)]: reference };
  }
  const parties = partiesOfTask(chain, target);
  const having = isObject(written) ? parties.filter((party) => party in written) : parties;
  return Object.fromEntries(
    (having.length > 0 ? having : parties).map((party) => [
      party,
      referenceTo(source.task_id, result, party),
    ]),
  );
}

/** Fill what is known now and still open: keys, labels, columns, places of predictions. */
function followed(chain: Chain, kinds: Kinds, offers: Offers, task: Task, ends: Ends): Task {
  const kind = kindOf(kinds, task.task_type);
  if (kind === undefined) return task;
  let next = task;
  const set = (name: string, value: JsonObject[string] | undefined) => {
    const isOpen = kind.fields.some((field) => field.name === name) && configOf(next)[name] == null;
    if (value !== undefined && isOpen) next = withField(next, name, value);
  };
  if (isPrediction(ends.output)) {
    const config = configOf(ends.source);
    set("label_column", config.label);
    set("prediction_column", (config.prediction_column as string | undefined) ?? "pred_prob");
  } else if (ends.input.file === "table" && ends.input.is_required === true) {
    const guess = guessColumns({ chain, kinds, offers }, next);
    set("id_columns", guess.ids);
    set("label_party", guess.label?.party);
    set("label", guess.label?.name);
    set("features", guess.numbers);
    set("columns", kind.name.includes("encoder") ? guess.texts : guess.numbers);
  }
  if (ends.input.name === "test_data") {
    next = withOutputs(chain, kinds, offers, next, isPrediction);
  }
  return next;
}

/** What is to be handed on as predictions needs rows to predict: the training's, if no others. */
function predicting(task: Task, kinds: Kinds): Task {
  const kind = kindOf(kinds, task.task_type);
  const { test_data: rows, train_data: trained } = configOf(task);
  const canPredict = kind?.fields.some((field) => field.name === "test_data");
  return canPredict && rows == null && trained != null
    ? withField(task, "test_data", trained)
    : task;
}

/** Return the chain without an edge: what the later task took through it is open again. */
export function unjoin(chain: Chain, edge: CanvasEdge): Chain {
  return withTask(chain, edge.to, (task) => {
    const kept = edge.toPort === undefined ? task : withoutReferences(task, edge.toPort, edge.from);
    if (refersTo(kept, edge.from)) return kept;
    const { depends_on: before = [], ...others } = kept;
    return { ...others, depends_on: before.filter((id) => id !== edge.from) } as Task;
  });
}

function withoutReferences(task: Task, field: string, source: string): Task {
  const value = configOf(task)[field];
  const isOfSource = (part: unknown) => referencesIn(part).some((each) => each.task === source);
  if (!isObject(value)) return isOfSource(value) ? withField(task, field, undefined) : task;
  const left = Object.entries(value).filter(([, path]) => !isOfSource(path));
  return withField(task, field, left.length === 0 ? undefined : Object.fromEntries(left));
}

function withField(task: Task, name: string, value: JsonObject[string] | undefined): Task {
  const config: Record<string, JsonObject[string]> = { ...configOf(task), [name]: value };
  if (value === undefined) delete config[name];
  return { ...task, task_params: { ...task.task_params, task_config: config } };
}
