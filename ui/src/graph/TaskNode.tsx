import { Handle, Position, type Node, type NodeProps } from "@xyflow/react";
import { memo, type CSSProperties } from "react";
import { useTranslation } from "react-i18next";

import { colorOfGroup, GroupIcon } from "@/graph/GroupIcon";
import { PLAIN_PORTS, type CanvasTask, type Port } from "@/graph/model";
import { colorOf, StateShape } from "@/parts/StateShape";

import styles from "./canvas.module.css";

/** What a node of the canvas carries beside the task. */
export interface TaskData extends Record<string, unknown> {
  readonly task: CanvasTask;
  readonly isEditable: boolean;
  /** The one node that Tab reaches; arrows go on from it. */
  readonly isCurrent: boolean;
  readonly isAcross: boolean;
}

export type TaskFlowNode = Node<TaskData, "task">;

/** One task: its type's group by colour and drawing, its name, and how it stands. */
export const TaskNode = memo(function TaskNode({ data, selected }: NodeProps<TaskFlowNode>) {
  const { task, isEditable, isCurrent, isAcross } = data;
  const { t } = useTranslation();
  const said = useSentence(task);
  return (
    <>
      <Ports ports={task.takes} side="takes" isEditable={isEditable} isAcross={isAcross} />
      <div
        className={selected ? styles.nodeSelected : styles.node}
        role="button"
        tabIndex={isCurrent ? 0 : -1}
        aria-label={said}
        aria-pressed={selected}
        data-task={task.id}
        style={coloursOf(task)}
      >
        <span className={styles.icon} style={{ color: colorOfGroup(task.group) }}>
          <GroupIcon group={task.group} size={18} />
        </span>
        <span className={styles.words}>
          <span className={styles.name} title={task.title}>
            {task.title}
          </span>{" "}
          <span className={styles.below}>
            {task.state === undefined ? (
              <code>{task.type}</code>
            ) : (
              <span style={{ color: colorOf(task.state) }}>{t(`state.${task.state}`)}</span>
            )}
            {task.code !== undefined && task.state === "FAILURE" && <code> {task.code}</code>}
            {task.hasCondition && <span className={styles.tag}>{t("graph.if")}</span>}
            {task.times !== undefined && <span className={styles.tag}>×{task.times}</span>}
          </span>
        </span>{" "}
        {task.faults ? (
          <span className={styles.faults} aria-hidden="true">
            {task.faults}
          </span>
        ) : (
          task.state !== undefined && <StateShape state={task.state} progress={task.progress} />
        )}
        <Bars task={task} />
      </div>
      <Ports ports={task.gives} side="gives" isEditable={isEditable} isAcross={isAcross} />
    </>
  );
});

/** A task's colours near by, where its edge tells its state, and where it is too far for words. */
function coloursOf({ state, group, faults }: CanvasTask): CSSProperties {
  const isWaiting = state === "PENDING";
  const colour = state === undefined || isWaiting ? "var(--line)" : colorOf(state);
  const whole = faults ? colorOf("FAILURE") : state === undefined ? colorOfGroup(group) : colour;
  return {
    "--of-state": colour,
    "--of-far": isWaiting ? "var(--paper)" : whole,
    "--on-far": isWaiting ? "var(--state-idle)" : "var(--paper)",
  } as CSSProperties;
}

function Bars({ task }: { task: CanvasTask }) {
  if (task.state !== "RUNNING") return null;
  const parts = task.partyProgress
    ? Object.entries(task.partyProgress)
    : ([["", task.progress ?? 0]] as const);
  return (
    <span className={styles.bars} aria-hidden="true">
      {parts.map(([party, progress]) => (
        <span key={party} className={styles.bar} title={party}>
          <span style={{ transform: `scaleX(${Math.min(Math.max(progress, 0), 1)})` }} />
        </span>
      ))}
    </span>
  );
}

interface PortsProps {
  readonly ports: readonly Port[] | undefined;
  readonly side: "takes" | "gives";
  readonly isEditable: boolean;
  readonly isAcross: boolean;
}

function Ports({ ports = PLAIN_PORTS, side, isEditable, isAcross }: PortsProps) {
  const position =
    side === "takes"
      ? isAcross
        ? Position.Left
        : Position.Top
      : isAcross
        ? Position.Right
        : Position.Bottom;
  return ports.map((port, at) => {
    const share = `${((at + 1) / (ports.length + 1)) * 100}%`;
    return (
      <Handle
        key={port.id}
        id={port.id}
        type={side === "takes" ? "target" : "source"}
        position={position}
        className={`${styles.port} ${styles[port.kind] ?? ""} ${isEditable ? "" : styles.still}`}
        style={isAcross ? { top: share } : { left: share }}
        isConnectable={isEditable}
        title={port.title}
        data-port={port.id}
      />
    );
  });
}

/** What is drawn, in its order, and then what only the drawing tells. */
function useSentence(task: CanvasTask): string {
  const { t } = useTranslation();
  const parts = [task.title, task.state ? t(`state.${task.state}`) : task.type];
  if (task.state === "FAILURE" && task.code) parts.push(task.code);
  if (task.hasCondition) parts.push(t("graph.if"));
  if (task.times !== undefined) parts.push(`×${task.times}`);
  if (task.state) parts.push(task.type);
  if (task.state === "RUNNING" && task.progress !== undefined) {
    parts.push(`${Math.round(task.progress * 100)} %`);
  }
  if (task.faults) parts.push(t("graph.faults", { count: task.faults }));
  return parts.join(", ");
}
