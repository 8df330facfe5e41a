import { useReactFlow, useStoreApi } from "@xyflow/react";
import { useEffect } from "react";

import { NODE_HEIGHT, NODE_WIDTH, type Place } from "@/graph/model";

const MARGIN = 24;

/** Bring a place into view where it is not, such as that of a task that was just added. */
export function useInView(place: Place | undefined): void {
  const flow = useReactFlow();
  const store = useStoreApi();
  const { x, y } = place ?? {};
  useEffect(() => {
    if (x === undefined || y === undefined) return;
    const frame = requestAnimationFrame(() => {
      const { width, height, transform } = store.getState();
      const [left, top, zoom] = transform;
      const [from, above] = [x * zoom + left, y * zoom + top];
      const isSeen =
        from >= MARGIN &&
        above >= MARGIN &&
        from + NODE_WIDTH * zoom <= width - MARGIN &&
        above + NODE_HEIGHT * zoom <= height - MARGIN;
      if (isSeen || width === 0) return;
      void flow.setCenter(x + NODE_WIDTH / 2, y + NODE_HEIGHT / 2, { zoom });
    });
    return () => cancelAnimationFrame(frame);
  }, [flow, store, x, y]);
}
