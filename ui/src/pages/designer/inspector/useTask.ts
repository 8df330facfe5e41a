import { useMemo } from "react";

import {
  partiesOfTask,
  withConfig,
  type Json,
  type Path,
  type Task,
} from "@/pages/designer/document/chain";
import { columnsOfTask } from "@/pages/designer/document/columns";
import { faultsAt, type PlacedFault } from "@/pages/designer/document/faults";
import { kindOf, type TaskKind } from "@/pages/designer/document/kinds";
import type { OfferedColumn } from "@/pages/designer/document/proposals";
import { edit, useDesigner } from "@/pages/designer/document/store";
import { useChecked } from "@/pages/designer/useChecked";
import { useKnown } from "@/pages/designer/useKnown";

/** What the inspector's parts need of the task that they show. */
export interface Shown {
  readonly task: Task;
  readonly kind: TaskKind | undefined;
  readonly parties: readonly string[];
  readonly columnsOf: (party: string) => readonly OfferedColumn[] | undefined;
  /** Set a field of the config, or leave it out. */
  readonly set: (path: Path, value: Json | undefined) => void;
  /** Of a field of the config, or below it. */
  readonly faults: (path: Path) => PlacedFault[];
  /** Of the task, outside of its config. */
  readonly faultsBeside: (path: Path) => PlacedFault[];
}

export function useTask(task: Task): Shown {
  const chain = useDesigner((designer) => designer.draft.chain);
  const { kinds, offers } = useKnown();
  const { faults } = useChecked();
  return useMemo(() => {
    const id = task.task_id;
    return {
      task,
      kind: kindOf(kinds, task.task_type),
      parties: partiesOfTask(chain, task),
      columnsOf: (party) => columnsOfTask({ chain, kinds, offers }, task, party),
      set: (path, value) =>
        edit((now) => withConfig(now, id, path, value), { mark: `${id}.${path.join(".")}` }),
      faults: (path) => faultsAt(faults, id, ["task_params", "task_config", ...path]),
      faultsBeside: (path) => faultsAt(faults, id, path),
    };
  }, [task, chain, kinds, offers, faults]);
}
