import { partiesNow, taskNow, type TaskNow } from "./model/now";
import type { RunStory } from "./model/story";

import type { TaskLine } from "@/api/runs";
import type { CanvasEdge, CanvasTask, Group, Kind } from "@/graph/model";

/** A task of a chain's document, as far as the picture needs it. */
interface Drafted {
  readonly task_id: string;
  readonly task_name?: string;
  readonly task_type: string;
  readonly depends_on?: readonly string[];
  readonly when?: string;
  readonly for_each?: unknown;
  readonly task_params?: unknown;
}

export type GroupOf = (taskType: string) => Group | undefined;

/** The tasks of a run as the canvas draws them. */
export function canvasTasks(
  tasks: readonly TaskLine[],
  story: RunStory | undefined,
  groupOf: GroupOf,
): CanvasTask[] {
  return tasks.map((task) => {
    const lines = story?.tasks[task.node_id];
    const now = taskNow(task, lines);
    return {
      id: task.node_id,
      title: nameOf(task),
      type: task.task_type,
      group: groupOf(task.task_type),
      state: now.status,
      progress: now.status === "RUNNING" ? now.progress : undefined,
      partyProgress: now.status === "RUNNING" ? byParty(lines) : undefined,
      code: now.code,
    };
  });
}

/** The tasks of a document that has not run. */
export function draftTasks(document: Record<string, unknown>, groupOf: GroupOf): CanvasTask[] {
  return draftedOf(document).map((task) => ({
    id: task.task_id,
    title: task.task_name ?? task.task_id,
    type: task.task_type,
    group: groupOf(task.task_type),
    hasCondition: task.when != null,
    ...(task.for_each == null ? {} : { times: 2 }),
  }));
}

/** The edges of a run; what each carries is read off the references of the document. */
export function canvasEdges(
  tasks: readonly TaskLine[],
  document: Record<string, unknown> | undefined,
): CanvasEdge[] {
  const drafted = new Map(draftedOf(document).map((task) => [task.task_id, task]));
  const taskIds = new Map(tasks.map((task) => [task.node_id, task.task_id]));
  return tasks.flatMap((task) =>
    task.depends_on.map((from) => ({
      from,
      to: task.node_id,
      kind: kindOf(drafted.get(task.task_id), taskIds.get(from) ?? from),
    })),
  );
}

export function draftEdges(document: Record<string, unknown>): CanvasEdge[] {
  return draftedOf(document).flatMap((task) =>
    (task.depends_on ?? []).map((from) => ({ from, to: task.task_id, kind: kindOf(task, from) })),
  );
}

/** A node's name; of a sweep with the node's number. */
export function nameOf(task: TaskLine): string {
  const number = task.node_id.slice(task.task_id.length);
  return `${task.task_name}${number}`;
}

/** The task types' groups by name, whatever version a chain names. */
export function groupsOf(types: readonly { name: string; group: string }[] | undefined): GroupOf {
  const known = new Map(types?.map((type) => [type.name, type.group as Group]));
  return (taskType) => known.get(taskType.split("@")[0] ?? taskType);
}

export function stateOf(task: TaskLine, story: RunStory | undefined): TaskNow {
  return taskNow(task, story?.tasks[task.node_id]);
}

function byParty(lines: Parameters<typeof partiesNow>[0]): Record<string, number> | undefined {
  const parties = partiesNow(lines);
  if (parties.length < 2) return undefined;
  return Object.fromEntries(parties.map(({ party, progress }) => [party, progress]));
}

/** What a task takes of another: by the result fields that its parameters refer to. */
function kindOf(task: Drafted | undefined, from: string): Kind {
  const text = JSON.stringify(task?.task_params ?? {});
  const fields = [...text.matchAll(/\$\{\s*tasks\.([\w-]+)(?:\[\d+\])?\.result\.(\w+)/g)]
    .filter(([, id]) => id === from)
    .map(([, , field]) => field ?? "");
  if (fields.length === 0) return "order";
  if (fields.some((field) => field.includes("model"))) return "model";
  if (fields.some((field) => field.includes("rules"))) return "rules";
  return "table";
}

function draftedOf(document: Record<string, unknown> | undefined): readonly Drafted[] {
  return Array.isArray(document?.tasks) ? (document.tasks as Drafted[]) : [];
}
