import { useQueries } from "@tanstack/react-query";
import { createContext, useContext, useMemo, type ReactNode } from "react";

import { api } from "@/api/client";
import { useTaskTypes } from "@/api/types";
import { partiesOf } from "@/pages/designer/document/chain";
import { kindsByName, type Kinds, type TaskKind } from "@/pages/designer/document/kinds";
import type { Offers } from "@/pages/designer/document/proposals";
import { useDesigner } from "@/pages/designer/document/store";

const ASK_AGAIN_MS = 10_000;

/** What matters here of a party that was asked for its tables. */
interface Asked {
  readonly state: {
    readonly data: { readonly silence?: unknown } | undefined;
    readonly error: unknown;
  };
}

/** What the page knows beside the chain: the task types, and what each party offers. */
interface Known {
  readonly types: readonly TaskKind[];
  readonly kinds: Kinds;
  readonly offers: Offers;
  /** Why a party offers nothing, by party. */
  readonly silences: Readonly<Record<string, string>>;
  readonly isLoading: boolean;
  readonly fault: unknown;
}

const nothing: Known = {
  types: [],
  kinds: new Map(),
  offers: {},
  silences: {},
  isLoading: true,
  fault: undefined,
};
const KnownContext = createContext<Known>(nothing);

export function useKnown(): Known {
  return useContext(KnownContext);
}

/** Ask for the task types, and for the tables of the chain's parties. */
export function KnownProvider({ children }: { children: ReactNode }) {
  const types = useTaskTypes();
  const chain = useDesigner((designer) => designer.draft.chain);
  const parties = partiesOf(chain).filter((party) => /^[A-Za-z0-9][\w-]{0,63}$/.test(party));
  const told = useQueries({
    queries: parties.map((party) => ({
      queryKey: ["files", party],
      queryFn: async () => {
        const query = { party, limit: 500 };
        return (await api.GET("/api/v1/files", { params: { query } })).data!;
      },
      staleTime: 30_000,
      // A worker that was busy, or has not started, may answer the next time.
      refetchInterval: ({ state }: Asked) =>
        state.data?.silence || state.error ? ASK_AGAIN_MS : false,
      retry: false,
    })),
    combine: (answers) => {
      const offers: Record<string, NonNullable<(typeof answers)[number]["data"]>["tables"]> = {};
      const silences: Record<string, string> = {};
      answers.forEach(({ data, error }, at) => {
        const party = parties[at] ?? "";
        if (data) offers[party] = data.tables;
        const silence = data?.silence?.message ?? error?.message;
        if (silence !== undefined) silences[party] = silence;
      });
      return { offers, silences };
    },
  });
  const known = useMemo<Known>(() => {
    const described = (types.data ?? []) as unknown as readonly TaskKind[];
    return {
      types: described,
      kinds: kindsByName(described),
      offers: told.offers,
      silences: told.silences,
      isLoading: types.isLoading,
      fault: types.error ?? undefined,
    };
  }, [types.data, types.isLoading, types.error, told]);
  return <KnownContext value={known}>{children}</KnownContext>;
}
