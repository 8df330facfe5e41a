import { NODE_HEIGHT, NODE_WIDTH, type CanvasEdge, type Places } from "@/graph/model";

export type Step = "up" | "down" | "left" | "right";

/** Which task an arrow key goes to: the nearest one that lies that way, edges first. */
export function walk(
  from: string,
  step: Step,
  places: Places,
  edges: readonly CanvasEdge[],
): string | undefined {
  const here = places[from];
  if (here === undefined) return undefined;
  const joined = new Set<string>();
  for (const edge of edges) {
    if (edge.from === from) joined.add(edge.to);
    if (edge.to === from) joined.add(edge.from);
  }
  let best: string | undefined;
  let least = Infinity;
  for (const [id, there] of Object.entries(places)) {
    const dx = (there.x - here.x) / NODE_WIDTH; // in nodes, as they are wider than high
    const dy = (there.y - here.y) / NODE_HEIGHT;
    const along = { up: -dy, down: dy, left: -dx, right: dx }[step];
    if (id === from || along <= 0.02) continue;
    const aside = step === "up" || step === "down" ? Math.abs(dx) : Math.abs(dy);
    const cost = (along + 2 * aside) * (joined.has(id) ? 0.5 : 1);
    if (cost < least) [best, least] = [id, cost];
  }
  return best;
}
