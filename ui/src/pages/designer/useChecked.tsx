import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from "react";

import { api } from "@/api/client";
import { Problem } from "@/api/problem";
import type { components } from "@/api/schema";
import type { Chain } from "@/pages/designer/document/chain";
import { countByTask, placed, type PlacedFault } from "@/pages/designer/document/faults";
import { useDesigner } from "@/pages/designer/document/store";

export type DryRun = components["schemas"]["DryRun"];

interface Checked {
  readonly faults: readonly PlacedFault[];
  readonly counts: ReadonlyMap<string, number>;
  /** What a run would do; of the chain as it was when it was last checked. */
  readonly dryRun: DryRun | undefined;
  readonly isChecking: boolean;
  /** Why it could not be checked. */
  readonly problem: unknown;
}

const CheckedContext = createContext<Checked>({
  faults: [],
  counts: new Map(),
  dryRun: undefined,
  isChecking: false,
  problem: undefined,
});

const PAUSE_MS = 350;
/** Between tries while the orchestrator cannot be reached. */
const AGAIN_MS = 5_000;

export function useChecked(): Checked {
  return useContext(CheckedContext);
}

interface Answer {
  readonly of: Chain;
  readonly dryRun: DryRun | undefined;
  readonly problem: unknown;
}

/** Ask the API what it would say of the chain, a moment after each change. */
export function CheckedProvider({ children }: { children: ReactNode }) {
  const chain = useDesigner((designer) => designer.draft.chain);
  const [answer, setAnswer] = useState<Answer>();
  const asked = useRef<AbortController | undefined>(undefined);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => {
      asked.current?.abort();
      const controller = new AbortController();
      asked.current = controller;
      void check(chain, controller.signal).then((found) => {
        if (!controller.signal.aborted) setAnswer(found);
      });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [chain, tries]);

  const isAway = answer?.problem !== undefined && !(answer.problem instanceof Problem);
  useEffect(() => {
    if (!isAway) return;
    const again = () => setTries((before) => before + 1);
    const timer = setInterval(again, AGAIN_MS);
    window.addEventListener("online", again);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", again);
    };
  }, [isAway]);

  const checked = useMemo<Checked>(() => {
    // That a chain has no task yet is no fault of who has just begun.
    const isBegun = chain.tasks.length > 0;
    const faults = isBegun && answer?.dryRun ? placed(answer.of, answer.dryRun.faults) : [];
    const ids = new Set(chain.tasks.map((task) => task.task_id));
    const held = faults.filter((fault) => fault.task === undefined || ids.has(fault.task));
    return {
      faults: held,
      counts: countByTask(held),
      dryRun: answer?.dryRun,
      isChecking: answer?.of !== chain,
      problem: answer?.problem,
    };
  }, [answer, chain]);
  return <CheckedContext value={checked}>{children}</CheckedContext>;
}

async function check(chain: Chain, signal: AbortSignal): Promise<Answer> {
  try {
    return { of: chain, dryRun: await tryOut(chain, signal), problem: undefined };
  } catch (problem) {
    return { of: chain, dryRun: undefined, problem };
  }
}

/** Ask what a chain would do, without keeping or running it. */
export async function tryOut(chain: Chain, signal?: AbortSignal): Promise<DryRun> {
  const { data } = await api.POST("/api/v1/chains/dry-run", {
    body: chain as unknown as components["schemas"]["ChainDocument"],
    ...(signal && { signal }),
  });
  return data!;
}
