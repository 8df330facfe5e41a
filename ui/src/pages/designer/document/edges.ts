import type { CanvasEdge, Kind } from "@/graph/model";
import { configOf, findTask, type Chain, type Task } from "@/pages/designer/document/chain";
import { inputsOf, kindOf, outputsOf, type Kinds } from "@/pages/designer/document/kinds";
import {
  namedInCondition,
  referencesIn,
  resultField,
  type Reference,
} from "@/pages/designer/document/references";

/** Return what joins a chain's tasks: what one hands to another, and what merely waits. */
export function edgesOf(
  chain: Chain,
  kinds: Kinds,
  titleOf: (field: string) => string = (field) => field,
): CanvasEdge[] {
  const edges = new Map<string, CanvasEdge>();
  const ids = new Set(chain.tasks.map((task) => task.task_id));
  for (const task of chain.tasks) {
    const before = new Set<string>();
    for (const reference of referencesIn(task.task_params)) {
      if (!ids.has(reference.task) || reference.task === task.task_id) continue;
      const edge = carried(chain, kinds, task, reference, titleOf);
      if (edge.kind === "order" && before.has(reference.task)) continue;
      before.add(reference.task);
      edges.set(`${edge.from}:${edge.fromPort}>${edge.to}:${edge.toPort}`, edge);
    }
    for (const id of [...(task.depends_on ?? []), ...namedInCondition(task.when ?? "")]) {
      if (!ids.has(id) || before.has(id)) continue;
      before.add(id);
      edges.set(`${id}>${task.task_id}`, { from: id, to: task.task_id, kind: "order" });
    }
  }
  return [...edges.values()];
}

function carried(
  chain: Chain,
  kinds: Kinds,
  task: Task,
  reference: Reference,
  titleOf: (field: string) => string,
): CanvasEdge {
  const ends = { from: reference.task, to: task.task_id };
  const [part, field] = reference.place;
  const taking = kindOf(kinds, task.task_type);
  const source = findTask(chain, reference.task);
  const giving = source && kindOf(kinds, source.task_type);
  const toPort =
    part === "task_config" && taking
      ? inputsOf(taking).find((each) => each.name === field)
      : undefined;
  const told = resultField(reference);
  const fromPort = giving && outputsOf(giving).find((each) => each.result === told);
  if (toPort === undefined || fromPort === undefined) {
    return { ...ends, kind: "order", label: told };
  }
  return {
    ...ends,
    kind: fromPort.file as Kind,
    label: titleOf(toPort.name),
    fromPort: fromPort.name,
    toPort: toPort.name,
  };
}

/** Return every task that has to end before another begins, by what the document says. */
export function tasksBefore(chain: Chain, id: string): Set<string> {
  const found = new Set<string>();
  const waiting = [id];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const task = findTask(chain, next);
    if (task === undefined) continue;
    const named = [
      ...(task.depends_on ?? []),
      ...referencesIn(task.task_params).map((reference) => reference.task),
    ];
    for (const each of named) {
      if (found.has(each)) continue;
      found.add(each);
      waiting.push(each);
    }
  }
  return found;
}

/** Whether anything of a task's settings still speaks of another. */
export function refersTo(task: Task, id: string): boolean {
  return (
    referencesIn(configOf(task)).some((reference) => reference.task === id) ||
    referencesIn(task.task_params).some((reference) => reference.task === id) ||
    namedInCondition(task.when ?? "").includes(id)
  );
}
