import { useSyncExternalStore } from "react";

/** One clock per pace, shared by all that show it: a list of ages ticks together. */
function makeClock(everyMs: number) {
  const listeners = new Set<() => void>();
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    subscribe(listener: () => void) {
      listeners.add(listener);
      timer ??= setInterval(() => {
        now = Date.now();
        listeners.forEach((each) => each());
      }, everyMs);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) {
          clearInterval(timer);
          timer = undefined;
        }
      };
    },
    read() {
      if (timer === undefined) now = Date.now() - (Date.now() % 1000);
      return now;
    },
  };
}

const clocks = { second: makeClock(1_000), minute: makeClock(15_000) };

/** The present in milliseconds, renewed each second, or every quarter of a minute. */
export function useNow(pace: keyof typeof clocks): number {
  return useSyncExternalStore(clocks[pace].subscribe, clocks[pace].read);
}
