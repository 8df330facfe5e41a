import "@xyflow/react/dist/base.css";

import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  MiniMap,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  useStore,
  type Connection,
  type NodeChange,
  type OnConnectEnd,
} from "@xyflow/react";
import { useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { FlowEdge, type TaskFlowEdge } from "@/graph/FlowEdge";
import { flowEdges, flowNodes } from "@/graph/flow";
import { colorOfGroup } from "@/graph/GroupIcon";
import { layout, type Direction } from "@/graph/layout";
import type { CanvasEdge, CanvasTask, Place, Places } from "@/graph/model";
import { TaskNode, type TaskFlowNode } from "@/graph/TaskNode";
import { useCanvasKeys } from "@/graph/useCanvasKeys";
import { useDropped } from "@/graph/useDropped";
import { useIsWhole } from "@/graph/useIsWhole";
import { useInView } from "@/graph/useInView";
import { ZoomTools } from "@/graph/ZoomTools";
import { colorOf } from "@/parts/StateShape";

import styles from "./canvas.module.css";

/** What an edge drawn by hand would join. */
export interface Joint {
  readonly from: string;
  readonly fromPort: string;
  readonly to: string;
  readonly toPort: string;
}

/** How the picture changes the chain; without it the canvas is for reading. */
export interface Editing {
  readonly onMove: (places: Places) => void;
  readonly onJoin: (joint: Joint) => void;
  /** Why two ports cannot be joined, or undefined where they can. */
  readonly refusal: (joint: Joint) => string | undefined;
  readonly onRefused: (reason: string) => void;
  readonly onRemove: (tasks: readonly string[], edges: readonly string[]) => void;
  /** Something of the page was dropped; `kind` is what its drag carried as `DRAGGED`. */
  readonly onDrop: (kind: string, place: Place) => void;
  readonly onKey?: (event: React.KeyboardEvent) => void;
}

interface Props {
  /** Names the canvas for who does not see it. */
  readonly label: string;
  readonly tasks: readonly CanvasTask[];
  readonly edges: readonly CanvasEdge[];
  /** Where the tasks are; laid out by itself where left out. */
  readonly places?: Places | undefined;
  readonly direction?: Direction;
  /** Ids of tasks and edges. */
  readonly selected: readonly string[];
  readonly onSelect: (ids: readonly string[]) => void;
  /** Enter or a double click on a task. */
  readonly onOpen?: (id: string) => void;
  readonly editing?: Editing | undefined;
  readonly hasMap?: boolean;
  /** Changes whenever the whole chain is to be brought into view again. */
  readonly fitKey?: string | number;
}

/** As many tasks are seen at once; a map of fewer would only hide some of them. */
const MANY = 12;
/** The library's own are English only, and of keys that are ours here. */
const OWN_WORDS = {
  "node.a11yDescription.default": "",
  "node.a11yDescription.keyboardDisabled": "",
  "edge.a11yDescription.default": "",
  "node.a11yDescription.ariaLiveMessage": () => "",
};
const nodeTypes = { task: TaskNode };
const edgeTypes = { flow: FlowEdge };

/** A chain as a picture: read on a run's page, drawn in the designer. */
export function ChainCanvas(props: Props) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas({
  label,
  tasks,
  edges,
  places,
  direction = "down",
  selected,
  onSelect,
  onOpen,
  editing,
  hasMap = true,
  fitKey,
}: Props) {
  const { t } = useTranslation();
  const distance = useStore(({ transform }) => distanceAt(transform[2]));
  const laid = useLaidOut(tasks, edges, places, direction);
  const isWhole = useIsWhole(laid);
  const chosen = useMemo(() => new Set(selected), [selected]);
  const [walked, setWalked] = useState<string>();
  const isKnown = (id: string | undefined) => id !== undefined && laid[id] !== undefined;
  const current = isKnown(walked) ? walked : (selected.find(isKnown) ?? tasks[0]?.id);
  const isEditable = editing !== undefined;
  const isAcross = direction === "right";

  const shown = useMemo(
    () => ({ tasks, places: laid, selected: chosen, current, isEditable, isAcross }),
    [tasks, laid, chosen, current, isEditable, isAcross],
  );
  const [drawn, setDrawn] = useState(() => ({ shown, nodes: flowNodes(shown, []) }));
  const nodes = drawn.nodes;
  if (drawn.shown !== shown) setDrawn({ shown, nodes: flowNodes(shown, nodes) });
  const lines = useMemo(() => flowEdges(edges, tasks, chosen), [edges, tasks, chosen]);

  const onNodesChange = useCallback((changes: NodeChange<TaskFlowNode>[]) => {
    const own = changes.filter((change) => change.type !== "select" && change.type !== "remove");
    if (own.length > 0) {
      setDrawn((before) => ({ ...before, nodes: applyNodeChanges(own, before.nodes) }));
    }
  }, []);
  const keys = useCanvasKeys({
    places: laid,
    edges,
    current,
    selected,
    editing,
    onSelect,
    onOpen,
    onWalk: setWalked,
  });
  const dropped = useDropped(editing);
  useInView(selected.length === 1 ? laid[selected[0] ?? ""] : undefined);
  const refused = useRef<string | undefined>(undefined);

  return (
    <div
      className={styles.canvas}
      data-distance={distance}
      role="application"
      aria-label={label}
      aria-roledescription={t("graph.canvas")}
      onKeyDown={keys}
      {...dropped}
    >
      <ReactFlow<TaskFlowNode, TaskFlowEdge>
        nodes={nodes}
        edges={lines}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={onNodesChange}
        onNodeClick={(event, node) => {
          setWalked(node.id);
          const isMore = event.shiftKey || event.ctrlKey || event.metaKey;
          onSelect(isMore ? toggled(selected, node.id) : [node.id]);
        }}
        onNodeDoubleClick={(_, node) => onOpen?.(node.id)}
        onEdgeClick={(_, edge) => onSelect([edge.id])}
        onPaneClick={() => onSelect([])}
        onNodeDragStop={(_, __, moved) =>
          editing?.onMove(Object.fromEntries(moved.map((node) => [node.id, node.position])))
        }
        isValidConnection={(connection) => {
          refused.current = editing?.refusal(jointOf(connection));
          return refused.current === undefined;
        }}
        onConnectStart={() => {
          refused.current = undefined;
        }}
        onConnect={(connection) => editing?.onJoin(jointOf(connection))}
        onConnectEnd={
          ((_, state) => {
            const isRefused = state.isValid === false && state.toHandle !== null;
            if (isRefused && refused.current) editing?.onRefused(refused.current);
          }) satisfies OnConnectEnd
        }
        connectionRadius={28}
        nodesDraggable={isEditable}
        nodesConnectable={isEditable}
        ariaLabelConfig={OWN_WORDS}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        panActivationKeyCode={null}
        selectNodesOnDrag={false}
        zoomOnDoubleClick={false}
        onlyRenderVisibleElements
        minZoom={0.05}
        maxZoom={2}
      >
        <Background variant={BackgroundVariant.Dots} gap={22} size={1.4} color="var(--line)" />
        <Panel position="bottom-left">
          <ZoomTools fitKey={`${fitKey ?? ""}`} isFilled={nodes.length > 0} />
        </Panel>
        {hasMap && tasks.length > MANY && !isWhole && (
          <MiniMap<TaskFlowNode>
            className={styles.map ?? ""}
            pannable
            zoomable
            ariaLabel={t("graph.map")}
            nodeColor={mapColor}
            nodeBorderRadius={8}
          />
        )}
      </ReactFlow>
    </div>
  );
}

/** Where tasks are: as given, else laid out whenever the graph's form changes, not its states. */
function useLaidOut(
  tasks: readonly CanvasTask[],
  edges: readonly CanvasEdge[],
  places: Places | undefined,
  direction: Direction,
): Places {
  const form = places
    ? undefined
    : JSON.stringify([tasks.map((task) => task.id), edges.map((edge) => [edge.from, edge.to])]);
  const laid = useMemo<Places>(() => {
    if (form === undefined) return {};
    const [ids, ends] = JSON.parse(form) as [string[], [string, string][]];
    return layout(
      ids,
      ends.map(([from, to]) => ({ from, to })),
      direction,
    );
  }, [form, direction]);
  return places ?? laid;
}

/** How much of a task can be read: all of it, its name, or only how it stands. */
function distanceAt(zoom: number): "near" | "middle" | "far" {
  return zoom >= 0.6 ? "near" : zoom >= 0.3 ? "middle" : "far";
}

function mapColor(node: TaskFlowNode): string {
  const { state, group } = node.data.task;
  return state === undefined ? colorOfGroup(group) : colorOf(state);
}

function jointOf(connection: Connection | TaskFlowEdge): Joint {
  return {
    from: connection.source,
    fromPort: connection.sourceHandle ?? "",
    to: connection.target,
    toPort: connection.targetHandle ?? "",
  };
}

function toggled(selected: readonly string[], id: string): readonly string[] {
  return selected.includes(id) ? selected.filter((each) => each !== id) : [...selected, id];
}
