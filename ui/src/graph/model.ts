import type { State } from "@/parts/StateShape";

/** What an edge carries; `order` carries nothing and only makes one task wait for another. */
export type Kind = "table" | "model" | "rules" | "report" | "order";

/** The groups of task types, as the task types name them. */
export type Group = "Intersect" | "Prepare" | "Learn" | "Understand" | "Evaluate";

/** A place where edges end: an input or an output of a task. */
export interface Port {
  /** Unique among the task's inputs, or among its outputs. */
  readonly id: string;
  readonly kind: Kind;
  /** A short name, in the reader's language where there is one. */
  readonly title: string;
  readonly isRequired?: boolean;
}

/** What a task without ports of its own has: one end for every edge. */
export const PLAIN_PORTS: readonly Port[] = [{ id: "order", kind: "order", title: "" }];

/** A task as the canvas draws it. Keep the object while nothing of it changes: it is not drawn again. */
export interface CanvasTask {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly group: Group | undefined;
  readonly state?: State | undefined;
  /** From 0 to 1, of the whole task. */
  readonly progress?: number | undefined;
  /** From 0 to 1, by party; drawn as one thin bar each. */
  readonly partyProgress?: Readonly<Record<string, number>> | undefined;
  /** A failure's error code. */
  readonly code?: string | undefined;
  /** How many faults the document has here. */
  readonly faults?: number;
  /** How many times a sweep runs it. */
  readonly times?: number | undefined;
  readonly hasCondition?: boolean;
  readonly takes?: readonly Port[];
  readonly gives?: readonly Port[];
}

/** An edge: something goes from a task to a later one, or only order does. */
export interface CanvasEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: Kind;
  /** What it carries, in a word or two. */
  readonly label?: string | undefined;
  /** The ports' ids, where the tasks have ports. */
  readonly fromPort?: string | undefined;
  readonly toPort?: string | undefined;
}

/** The upper left corner of a node, in the canvas's own units. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

export type Places = Readonly<Record<string, Place>>;

export const NODE_WIDTH = 264;
export const NODE_HEIGHT = 64;

/** An edge's id: the same for the same ends, so that a selection outlives a redraw. */
export function edgeId(edge: CanvasEdge): string {
  return `${edge.from}:${edge.fromPort ?? ""}>${edge.to}:${edge.toPort ?? ""}`;
}

/** The data type under which a dragged task type travels. */
export const DRAGGED = "application/x-sfw-task-type";
