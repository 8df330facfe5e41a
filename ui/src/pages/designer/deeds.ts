import type { Place, Places } from "@/graph/model";
import type { TaskKind } from "@/pages/designer/document/kinds";
import type { Kinds } from "@/pages/designer/document/kinds";
import type { Offers } from "@/pages/designer/document/proposals";
import { edit, freePlace, keepCopied, select, useDesigner } from "@/pages/designer/document/store";
import { addTask, copyTasks, pasteTasks, removeTasks } from "@/pages/designer/document/tasks";

interface Known {
  readonly kinds: Kinds;
  readonly offers: Offers;
}

/** Add a task; without a place it follows the one task that is selected. Returns its id. */
export function add(kind: TaskKind, known: Known, all: Places, place?: Place): string {
  const { draft, selected } = useDesigner.getState();
  const ids = new Set(draft.chain.tasks.map((task) => task.task_id));
  const only = selected.length === 1 && ids.has(selected[0]!) ? selected[0] : undefined;
  const after = place === undefined ? only : undefined;
  const { chain, id } = addTask(draft.chain, kind, known, after);
  const isByHand = place !== undefined || draft.places !== undefined;
  const places = isByHand ? { ...all, [id]: place ?? freePlace(all, after) } : undefined;
  edit(() => chain, { places, select: [id] });
  return id;
}

export function copy(): void {
  const { draft, selected } = useDesigner.getState();
  const copied = copyTasks(draft.chain, selected);
  if (copied.length > 0) keepCopied(copied);
}

export function paste(kinds: Kinds, all: Places): void {
  const { draft, copied } = useDesigner.getState();
  if (copied.length === 0) return;
  const { chain, ids, names } = pasteTasks(draft.chain, kinds, copied);
  const beside = Object.fromEntries(
    [...names].map(([from, to]) => {
      const place = all[from];
      return [to, place ? { x: place.x + 60, y: place.y + 60 } : freePlace(all, undefined)];
    }),
  );
  const places = draft.places === undefined ? undefined : { ...all, ...beside };
  edit(() => chain, { places, select: ids });
}

export function remove(kinds: Kinds, ids: readonly string[]): void {
  edit((chain) => removeTasks(chain, kinds, ids));
  select([]);
}
