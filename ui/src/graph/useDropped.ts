import { useReactFlow } from "@xyflow/react";
import type { DragEvent } from "react";

import { DRAGGED, NODE_HEIGHT, NODE_WIDTH, type Place } from "@/graph/model";

interface Dropping {
  readonly onDrop: (kind: string, place: Place) => void;
}

/** Handlers for what is dragged onto the canvas; it comes to lie where it was let go. */
export function useDropped(editing: Dropping | undefined) {
  const flow = useReactFlow();
  if (editing === undefined) return {};
  return {
    onDragOver(event: DragEvent) {
      if (!event.dataTransfer.types.includes(DRAGGED)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
    },
    onDrop(event: DragEvent) {
      const kind = event.dataTransfer.getData(DRAGGED);
      if (kind === "") return;
      event.preventDefault();
      const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
      editing.onDrop(kind, { x: at.x - NODE_WIDTH / 2, y: at.y - NODE_HEIGHT / 2 });
    },
  };
}
