import { useReactFlow } from "@xyflow/react";
import { useEffect, useRef, type KeyboardEvent } from "react";

import type { Editing } from "@/graph/ChainCanvas";
import { NODE_HEIGHT, NODE_WIDTH, type CanvasEdge, type Places } from "@/graph/model";
import { walk, type Step } from "@/graph/walk";

interface Keys {
  readonly places: Places;
  readonly edges: readonly CanvasEdge[];
  readonly current: string | undefined;
  readonly selected: readonly string[];
  readonly editing: Editing | undefined;
  readonly onSelect: (ids: readonly string[]) => void;
  readonly onOpen: ((id: string) => void) | undefined;
  readonly onWalk: (id: string) => void;
}

const steps: Readonly<Record<string, Step>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};
const STRIDE = 22;

/** Arrows walk from task to task, Alt moves one, Enter opens it, Delete removes what is selected. */
export function useCanvasKeys(keys: Keys): (event: KeyboardEvent) => void {
  const flow = useReactFlow();
  const wanted = useRef<string | undefined>(undefined);

  // A task that was out of sight is drawn only once the view has come to it.
  useEffect(() => {
    if (wanted.current === undefined) return;
    const element = document.querySelector<HTMLElement>(
      `[data-task="${CSS.escape(wanted.current)}"]`,
    );
    if (element) {
      wanted.current = undefined;
      element.focus({ preventScroll: true });
    }
  });

  return (event) => {
    const { current, editing, places } = keys;
    const onTask = (event.target as HTMLElement).closest?.("[data-task]") != null;
    const step = steps[event.key];
    const place = current === undefined ? undefined : places[current];
    if (onTask && step && current !== undefined && place) {
      event.preventDefault();
      if (event.altKey && editing) {
        editing.onMove({ [current]: moved(place, step) });
        return;
      }
      const next = walk(current, step, places, keys.edges);
      if (next === undefined) return;
      wanted.current = next;
      const there = places[next] ?? place;
      keys.onWalk(next);
      if (!event.shiftKey) keys.onSelect([next]);
      else if (!keys.selected.includes(next)) keys.onSelect([...keys.selected, next]);
      const x = there.x + NODE_WIDTH / 2;
      void flow.setCenter(x, there.y + NODE_HEIGHT / 2, { zoom: flow.getZoom() });
    } else if (onTask && (event.key === "Enter" || event.key === " ") && current !== undefined) {
      event.preventDefault();
      keys.onSelect([current]);
      if (event.key === "Enter") keys.onOpen?.(current);
    } else if (event.key === "Escape") {
      keys.onSelect([]);
    } else if ((event.key === "Delete" || event.key === "Backspace") && editing) {
      const tasks = keys.selected.filter((id) => places[id] !== undefined);
      const edges = keys.selected.filter((id) => places[id] === undefined);
      if (keys.selected.length > 0) editing.onRemove(tasks, edges);
    } else {
      editing?.onKey?.(event);
    }
  };
}

function moved(place: { x: number; y: number }, step: Step) {
  const by = {
    up: { x: 0, y: -STRIDE },
    down: { x: 0, y: STRIDE },
    left: { x: -STRIDE, y: 0 },
    right: { x: STRIDE, y: 0 },
  }[step];
  return { x: place.x + by.x, y: place.y + by.y };
}
