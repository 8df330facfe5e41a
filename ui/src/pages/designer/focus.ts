import { findTask, type Chain } from "@/pages/designer/document/chain";
import { fieldOf, type PlacedFault } from "@/pages/designer/document/faults";
import { kindOf, type Kinds } from "@/pages/designer/document/kinds";
import { formOf } from "@/pages/designer/form/schema";
import { isOfColumns } from "@/pages/designer/inspector/columnFields";

/** The inspector's part in which a fault is mended. */
export function partOf(fault: PlacedFault, kinds: Kinds, chain: Chain): string {
  const name = fieldOf(fault);
  const task = fault.task === undefined ? undefined : findTask(chain, fault.task);
  const kind = task && kindOf(kinds, task.task_type);
  if (name === undefined || kind === undefined) {
    return fault.inTask[0] === "task_params" || fault.inTask.length === 0 ? "inputs" : "run";
  }
  const field = formOf(kind).find((each) => each.name === name);
  if (field === undefined) return "settings";
  return field.use?.direction === "in" || isOfColumns(field) ? "inputs" : "settings";
}

/** Bring the keyboard to the settings of a task, once they are drawn. */
export function focusInspector(id: string): void {
  later(() => {
    const place = `[data-inspector="${CSS.escape(id)}"]`;
    const first = document.querySelector<HTMLElement>(
      `${place} [data-field] input, ${place} [data-field] button`,
    );
    (first ?? document.querySelector<HTMLElement>(place))?.focus({ preventScroll: true });
  });
}

/** Bring the keyboard to a field, once it is drawn. */
export function focusField(name: string | undefined): void {
  if (name === undefined) return;
  later(() => {
    const field = document.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"]`);
    field?.scrollIntoView({ block: "center" });
    field?.querySelector<HTMLElement>("input, textarea, button[role=switch]")?.focus();
  });
}

function later(deed: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(deed));
}
