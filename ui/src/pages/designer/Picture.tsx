import { App, Button } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { ChainCanvas, type Editing } from "@/graph/ChainCanvas";
import { edgeId, type CanvasEdge, type CanvasTask, type Places } from "@/graph/model";
import type { Task } from "@/pages/designer/document/chain";
import { join, refusal, unjoin, type Refusal } from "@/pages/designer/document/connect";
import { groupOf, kindOf, portsOf, type Kinds } from "@/pages/designer/document/kinds";
import { edit, move, select, useDesigner } from "@/pages/designer/document/store";
import { add, remove } from "@/pages/designer/deeds";
import { useChecked } from "@/pages/designer/useChecked";
import { useKnown } from "@/pages/designer/useKnown";
import { useNames, type Names } from "@/words/types/useNames";

import styles from "./designer.module.css";

interface Props {
  readonly edges: readonly CanvasEdge[];
  readonly places: Places;
  readonly onOpen: (id: string) => void;
}

/** The chain as it is drawn: dragged, joined, walked through, and marked where it has faults. */
export function Picture({ edges, places, onOpen }: Props) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const chain = useDesigner((designer) => designer.draft.chain);
  const selected = useDesigner((designer) => designer.selected);
  const fit = useDesigner((designer) => designer.fit);
  const known = useKnown();
  const { kinds, offers } = known;
  const tasks = useCanvasTasks();

  const says = (why: Refusal): string => {
    if (why.why === "kind") {
      const word = (kind: string) => t(`designer.kind.${kind as "table"}`);
      return t("designer.refusal.kind", { gives: word(why.gives), takes: word(why.takes) });
    }
    return why.why === "cycle"
      ? t("designer.refusal.cycle", why)
      : t(`designer.refusal.${why.why}`);
  };
  const editing: Editing = {
    onMove: (moved) => move(moved, places),
    onJoin: (joint) => edit((now) => join(now, kinds, offers, joint)),
    refusal: (joint) => {
      const why = refusal(chain, kinds, joint);
      return why && says(why);
    },
    onRefused: (reason) => void message.warning(reason),
    onRemove: (ids, gone) => {
      for (const edge of edges) {
        if (gone.includes(edgeId(edge))) edit((now) => unjoin(now, edge));
      }
      if (ids.length > 0) remove(kinds, ids);
      else select([]);
    },
    onDrop: (name, place) => {
      const kind = kinds.get(name);
      if (kind) onOpen(add(kind, known, places, place));
    },
  };
  const psi = kinds.get("psi");
  return (
    <div className={styles.picture}>
      <ChainCanvas
        label={t("designer.picture.label", { name: chain.chain_name, count: chain.tasks.length })}
        tasks={tasks}
        edges={edges}
        places={places}
        selected={selected}
        onSelect={select}
        onOpen={onOpen}
        editing={editing}
        fitKey={fit}
      />
      {chain.tasks.length === 0 && (
        <div className={styles.empty}>
          <h2>{t("designer.picture.empty")}</h2>
          <p className="soft">{t("designer.picture.emptyHint")}</p>
          {psi && (
            <Button type="primary" onClick={() => onOpen(add(psi, known, places))}>
              {t("designer.picture.begin")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

/** The tasks as the canvas draws them; those of which nothing changed stay the same objects. */
function useCanvasTasks(): readonly CanvasTask[] {
  const chain = useDesigner((designer) => designer.draft.chain);
  const { kinds } = useKnown();
  const { counts } = useChecked();
  const names = useNames();
  const drawn = useMemo(() => drawer(kinds, names), [kinds, names]);
  return useMemo(
    () => chain.tasks.map((task) => drawn(task, counts.get(task.task_id) ?? 0)),
    [chain, counts, drawn],
  );
}

/** Return a function that draws a task, and gives the same drawing for the same task again. */
function drawer(kinds: Kinds, names: Names): (task: Task, faults: number) => CanvasTask {
  const kept = new WeakMap<Task, CanvasTask>();
  return (task, faults) => {
    const before = kept.get(task);
    if (before?.faults === faults) return before;
    const fresh = draw(task, faults, kinds, names);
    kept.set(task, fresh);
    return fresh;
  };
}

function draw(task: Task, faults: number, kinds: Kinds, names: Names): CanvasTask {
  const kind = kindOf(kinds, task.task_type);
  const sweep = Object.values(task.for_each ?? {});
  const times = sweep.reduce<number>(
    (all, values) => all * (Array.isArray(values) ? values.length : 1),
    1,
  );
  return {
    id: task.task_id,
    title: task.task_name ?? (kind ? names.type(kind.name) : task.task_id),
    type: task.task_id,
    group: groupOf(kind),
    faults,
    times: sweep.length > 0 ? times : undefined,
    hasCondition: task.when !== undefined,
    ...(kind && portsOf(kind, names.field)),
  };
}
