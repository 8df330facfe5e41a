import { useStore } from "@xyflow/react";
import { useMemo } from "react";

import { NODE_HEIGHT, NODE_WIDTH, type Places } from "@/graph/model";

/** Whether every task is in view: then a map would only hide some of them. */
export function useIsWhole(places: Places): boolean {
  const bounds = useMemo(() => boundsOf(places), [places]);
  return useStore(({ transform: [x, y, zoom], width, height }) => {
    return (
      bounds.left * zoom + x >= 0 &&
      bounds.top * zoom + y >= 0 &&
      bounds.right * zoom + x <= width &&
      bounds.bottom * zoom + y <= height
    );
  });
}

function boundsOf(places: Places) {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { x, y } of Object.values(places)) {
    bounds.left = Math.min(bounds.left, x);
    bounds.top = Math.min(bounds.top, y);
    bounds.right = Math.max(bounds.right, x + NODE_WIDTH);
    bounds.bottom = Math.max(bounds.bottom, y + NODE_HEIGHT);
  }
  return bounds;
}
