import dagre from "@dagrejs/dagre";

import { blocksOf, columnsOf, type Block } from "@/graph/blocks";
import { NODE_HEIGHT, NODE_WIDTH, type Place, type Places } from "@/graph/model";

export type Direction = "down" | "right";

interface Ends {
  readonly from: string;
  readonly to: string;
}

/** Beyond so many tasks dagre's crossing search takes seconds; plain rows are drawn instead. */
const MAX_FOR_DAGRE = 800;
const GAP_ACROSS = 36;
const GAP_ALONG = 56;
const GAP_WITHIN = 18;

/** Place tasks so that each comes after those it waits for. The same graph is placed the same. */
export function layout(
  ids: readonly string[],
  edges: readonly Ends[],
  direction: Direction = "down",
): Places {
  const known = new Set(ids);
  const drawn = edges.filter(
    (edge) => known.has(edge.from) && known.has(edge.to) && edge.from !== edge.to,
  );
  const blocks = blocksOf(ids, drawn);
  return blocks.length > MAX_FOR_DAGRE
    ? inRows(ids, drawn, direction)
    : byDagre(blocks, drawn, direction);
}

function byDagre(blocks: readonly Block[], edges: readonly Ends[], direction: Direction): Places {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({
    rankdir: direction === "down" ? "TB" : "LR",
    nodesep: direction === "down" ? GAP_ACROSS : GAP_ACROSS / 1.5,
    ranksep: direction === "down" ? GAP_ALONG : GAP_ALONG * 1.4,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  const blockOf = new Map<string, string>();
  for (const block of blocks) {
    graph.setNode(block.id, { ...sizeOf(block) });
    for (const id of block.members) blockOf.set(id, block.id);
  }
  for (const { from, to } of edges) graph.setEdge(blockOf.get(from)!, blockOf.get(to)!);
  dagre.layout(graph);
  const places: Record<string, Place> = {};
  for (const block of blocks) {
    const { x, y } = graph.node(block.id) as { x: number; y: number };
    const { width, height } = sizeOf(block);
    const columns = columnsOf(block);
    for (const [at, id] of block.members.entries()) {
      places[id] = {
        x: Math.round(x - width / 2) + (at % columns) * (NODE_WIDTH + GAP_WITHIN),
        y: Math.round(y - height / 2) + Math.floor(at / columns) * (NODE_HEIGHT + GAP_WITHIN),
      };
    }
  }
  return places;
}

function sizeOf(block: Block): { width: number; height: number } {
  const columns = columnsOf(block);
  const rows = Math.ceil(block.members.length / columns);
  return {
    width: columns * (NODE_WIDTH + GAP_WITHIN) - GAP_WITHIN,
    height: rows * (NODE_HEIGHT + GAP_WITHIN) - GAP_WITHIN,
  };
}

function inRows(ids: readonly string[], edges: readonly Ends[], direction: Direction): Places {
  const filled = new Map<number, number>();
  const places: Record<string, Place> = {};
  const level = levels(ids, edges);
  const [width, height] = [NODE_WIDTH + GAP_ACROSS, NODE_HEIGHT + GAP_ALONG];
  for (const id of ids) {
    const row = level.get(id) ?? 0;
    const at = filled.get(row) ?? 0;
    filled.set(row, at + 1);
    places[id] =
      direction === "down"
        ? { x: at * width, y: row * height }
        : { x: row * width, y: at * height };
  }
  return places;
}

/** How many tasks come before each on its longest path; tasks of a cycle count as far as it is known. */
export function levels(ids: readonly string[], edges: readonly Ends[]): Map<string, number> {
  const level = new Map(ids.map((id) => [id, 0]));
  const waits = new Map(ids.map((id) => [id, 0]));
  const after = new Map<string, string[]>();
  for (const { from, to } of edges) {
    if (!level.has(from) || !level.has(to) || from === to) continue;
    waits.set(to, (waits.get(to) ?? 0) + 1);
    after.set(from, [...(after.get(from) ?? []), to]);
  }
  const ready = ids.filter((id) => waits.get(id) === 0);
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    for (const next of after.get(id) ?? []) {
      level.set(next, Math.max(level.get(next) ?? 0, (level.get(id) ?? 0) + 1));
      const left = (waits.get(next) ?? 1) - 1;
      waits.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return level;
}
