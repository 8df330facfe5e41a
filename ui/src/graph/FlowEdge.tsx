import { BaseEdge, getBezierPath, useStore, type Edge, type EdgeProps } from "@xyflow/react";
import { memo } from "react";

import type { Kind } from "@/graph/model";

import styles from "./canvas.module.css";

export interface EdgeData extends Record<string, unknown> {
  readonly kind: Kind;
  readonly label: string | undefined;
}

export type TaskFlowEdge = Edge<EdgeData, "flow">;

/** An edge with the name of what it carries; tables are drawn through, models and rules broken. */
export const FlowEdge = memo(function FlowEdge(props: EdgeProps<TaskFlowEdge>) {
  const { id, data, selected } = props;
  const isNear = useStore((flow) => flow.transform[2] > 0.6);
  const [path, x, y] = getBezierPath(props);
  const kind = data?.kind ?? "table";
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        className={`${styles.line} ${styles[`${kind}Line`] ?? ""} ${selected ? styles.chosen : ""}`}
        interactionWidth={16}
        {...(props.markerEnd === undefined ? {} : { markerEnd: props.markerEnd })}
      />
      {data?.label !== undefined && (isNear || selected) && (
        <text x={x} y={y} className={styles.label} textAnchor="middle" dominantBaseline="middle">
          {data.label}
        </text>
      )}
    </>
  );
});
