import { Position, type NodeHandle } from "@xyflow/react";

import type { TaskFlowEdge } from "@/graph/FlowEdge";
import {
  edgeId,
  NODE_HEIGHT,
  NODE_WIDTH,
  PLAIN_PORTS,
  type CanvasEdge,
  type CanvasTask,
  type Place,
  type Places,
  type Port,
} from "@/graph/model";
import type { TaskData, TaskFlowNode } from "@/graph/TaskNode";

const ORIGIN: Place = { x: 0, y: 0 };

/** All that decides how the tasks are drawn. */
export interface Shown {
  readonly tasks: readonly CanvasTask[];
  readonly places: Places;
  readonly selected: ReadonlySet<string>;
  readonly current: string | undefined;
  readonly isEditable: boolean;
  readonly isAcross: boolean;
}

/** Return the tasks as the canvas's library takes them; what did not change stays the same object. */
export function flowNodes(shown: Shown, before: readonly TaskFlowNode[]): TaskFlowNode[] {
  const old = new Map(before.map((node) => [node.id, node]));
  return shown.tasks.map((task) => {
    const was = old.get(task.id);
    const place = shown.places[task.id] ?? was?.position ?? ORIGIN;
    const isSelected = shown.selected.has(task.id);
    const data: TaskData = {
      task,
      isEditable: shown.isEditable,
      isCurrent: shown.current === task.id,
      isAcross: shown.isAcross,
    };
    const isSame = was !== undefined && sameData(was.data, data);
    if (
      isSame &&
      was.selected === isSelected &&
      was.position.x === place.x &&
      was.position.y === place.y
    ) {
      return was;
    }
    return {
      ...was,
      id: task.id,
      type: "task",
      position: place,
      data: isSame ? was.data : data,
      selected: isSelected,
      width: NODE_WIDTH,
      height: NODE_HEIGHT,
      // Told, as a task that is out of sight is not drawn, and what is not measured is not fitted.
      measured: { width: NODE_WIDTH, height: NODE_HEIGHT },
      handles: [
        ...ends(task.takes, "target", shown.isAcross),
        ...ends(task.gives, "source", shown.isAcross),
      ],
    };
  });
}

/** Where edges end, so that they are drawn also to tasks that are out of sight and so not drawn. */
function ends(
  ports: readonly Port[] = PLAIN_PORTS,
  type: "source" | "target",
  isAcross: boolean,
): NodeHandle[] {
  const isTarget = type === "target";
  return ports.map(({ id }, at) => {
    const share = (at + 1) / (ports.length + 1);
    return isAcross
      ? {
          id,
          type,
          position: isTarget ? Position.Left : Position.Right,
          x: isTarget ? 0 : NODE_WIDTH - 1,
          y: share * NODE_HEIGHT,
        }
      : {
          id,
          type,
          position: isTarget ? Position.Top : Position.Bottom,
          x: share * NODE_WIDTH,
          y: isTarget ? 0 : NODE_HEIGHT - 1,
        };
  });
}

function sameData(one: TaskData, other: TaskData): boolean {
  return (
    one.task === other.task &&
    one.isEditable === other.isEditable &&
    one.isCurrent === other.isCurrent &&
    one.isAcross === other.isAcross
  );
}

/** Return the edges as the canvas's library takes them. */
export function flowEdges(
  edges: readonly CanvasEdge[],
  tasks: readonly CanvasTask[],
  selected: ReadonlySet<string>,
): TaskFlowEdge[] {
  const known = new Map(tasks.map((task) => [task.id, task]));
  const found = new Map<string, TaskFlowEdge>();
  const labels = sharedLabels(edges);
  for (const edge of edges) {
    const [from, to] = [known.get(edge.from), known.get(edge.to)];
    if (from === undefined || to === undefined) continue;
    const id = edgeId(edge);
    found.set(id, {
      id,
      type: "flow",
      source: edge.from,
      target: edge.to,
      sourceHandle: portOf(from.gives, edge.fromPort),
      targetHandle: portOf(to.takes, edge.toPort),
      selected: selected.has(id),
      data: { kind: edge.kind, label: labels.get(edge) },
    });
  }
  return [...found.values()];
}

/** The port that an edge ends at; an edge of order alone ends at any. */
function portOf(ports: CanvasTask["takes"], id: string | undefined): string | null {
  if (ports === undefined) return "order";
  return ports.find((port) => port.id === id)?.id ?? ports[0]?.id ?? null;
}

/** Edges that begin at one port and go to one task lie close: the first is named for all of them. */
function sharedLabels(edges: readonly CanvasEdge[]): ReadonlyMap<CanvasEdge, string> {
  const first = new Map<string, CanvasEdge>();
  const labels = new Map<CanvasEdge, string>();
  for (const edge of edges) {
    if (edge.label === undefined) continue;
    const ends = `${edge.from}:${edge.fromPort}>${edge.to}`;
    const named = first.get(ends);
    if (named === undefined) {
      first.set(ends, edge);
      labels.set(edge, edge.label);
    } else labels.set(named, `${labels.get(named)}, ${edge.label}`);
  }
  return labels;
}
