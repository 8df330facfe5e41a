import { useSyncExternalStore } from "react";

import { useChoices } from "@/frame/choices";

/** Whether a media query matches, now and whenever that changes. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia?.(query);
      list?.addEventListener("change", changed);
      return () => list?.removeEventListener("change", changed);
    },
    () => window.matchMedia?.(query).matches ?? false,
  );
}

let isPrinting = false;

/** Whether the page is being printed, from before the browser counts its sheets. */
export function usePrint(): boolean {
  const isPaper = useMedia("print");
  const isAsked = useSyncExternalStore(
    (changed) => {
      const begin = () => {
        isPrinting = true;
        changed();
      };
      const end = () => {
        isPrinting = false;
        changed();
      };
      window.addEventListener("beforeprint", begin);
      window.addEventListener("afterprint", end);
      return () => {
        window.removeEventListener("beforeprint", begin);
        window.removeEventListener("afterprint", end);
      };
    },
    () => isPrinting,
  );
  return isPaper || isAsked;
}

/** A phone: no rail, one column. */
export const usePhone = () => useMedia("(max-width: 719px)");

/** Whether the rail shows icons only: by choice, or because the window has no room for names. */
export function useNarrowRail(): boolean {
  const isChosen = useChoices((choices) => choices.isRailNarrow);
  const hasNoRoom = useMedia("(max-width: 1023px)");
  return isChosen || hasNoRoom;
}

/** Whether the window has room for the rail's names, so that there is something to choose. */
export const useRoomyRail = () => useMedia("(min-width: 1024px)");
