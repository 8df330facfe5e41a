import { useEffect } from "react";

import { copy, paste, remove } from "@/pages/designer/deeds";
import { redo, select, tidy, undo, useDesigner } from "@/pages/designer/document/store";
import type { Kinds } from "@/pages/designer/document/kinds";
import type { Places } from "@/graph/model";

interface Deeds {
  readonly kinds: Kinds;
  readonly places: Places;
  readonly onSave: () => void;
  readonly onDryRun: () => void;
}

/** The keys of the whole page; those of texts stay with the texts. */
export function useKeys({ kinds, places, onSave, onDryRun }: Deeds): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.altKey && event.code === "KeyN") {
        event.preventDefault();
        document.querySelector<HTMLInputElement>("input[data-palette-search]")?.select();
        return;
      }
      const isCommand = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      const isTyping = isText(event.target);
      const deed = isCommand
        ? commandOf(key, event.shiftKey, isTyping, { kinds, places, onSave, onDryRun })
        : undefined;
      if (deed === undefined || event.defaultPrevented) return;
      event.preventDefault();
      deed();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [kinds, places, onSave, onDryRun]);
}

function commandOf(
  key: string,
  isShifted: boolean,
  isTyping: boolean,
  deeds: Deeds,
): (() => void) | undefined {
  if (key === "s") return deeds.onSave;
  if (key === "enter") return deeds.onDryRun;
  if (isTyping || document.querySelector(".ant-modal-wrap, .ant-drawer-open") !== null) {
    return undefined;
  }
  const { chain } = useDesigner.getState().draft;
  switch (key) {
    case "z":
      return isShifted ? redo : undo;
    case "y":
      return redo;
    case "l":
      return isShifted ? tidy : undefined;
    case "a":
      return () => select(chain.tasks.map((task) => task.task_id));
    case "c":
      return document.getSelection()?.isCollapsed === false ? undefined : copy;
    case "x":
      return () => {
        copy();
        remove(deeds.kinds, useDesigner.getState().selected);
      };
    case "v":
      return () => paste(deeds.kinds, deeds.places);
    default:
      return undefined;
  }
}

function isText(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}
