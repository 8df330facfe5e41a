import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { api } from "@/api/client";
import type { components, paths } from "@/api/schema";

export type ChainLine = components["schemas"]["ChainLine"];
export type ChainList = components["schemas"]["ChainList"];
export type ChainStatus = components["schemas"]["ChainStatus"];
export type ChainType = components["schemas"]["ChainType"];
export type ChainQuery = NonNullable<paths["/api/v1/chains/"]["get"]["parameters"]["query"]>;

export const LIST_KEY = "chain-list";
const BUSY_MS = 3_000;
const CALM_MS = 20_000;

/** A page of chains; asked for again sooner while one of them runs. */
export function useChains(query: ChainQuery): UseQueryResult<ChainList> {
  return useQuery({
    queryKey: [LIST_KEY, query],
    queryFn: async ({ signal }) => {
      const { data } = await api.GET("/api/v1/chains/", { params: { query }, signal });
      return data!;
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.items.some((chain) => chain.status === "RUNNING") ? BUSY_MS : CALM_MS,
  });
}

/** Copy a chain's newest document to a new chain; returns its id. */
export async function cloneChain(chainId: string): Promise<string> {
  const { data } = await api.POST("/api/v1/chains/{chain_id}/clone", {
    params: { path: { chain_id: chainId } },
  });
  return data!.chain_id;
}

/** Return a chain's newest document as YAML. */
export async function exportChain(chainId: string): Promise<string> {
  const { data } = await api.GET("/api/v1/chains/{chain_id}/export", {
    params: { path: { chain_id: chainId } },
    parseAs: "text",
  });
  return String(data);
}

/** Keep the chain of a YAML document; returns its id. */
export async function importChain(text: string): Promise<string> {
  const { data } = await api.POST("/api/v1/chains/import", {
    body: text as never, // the document's type is that of what the YAML says
    bodySerializer: (body: unknown) => String(body),
    headers: { "Content-Type": "application/yaml" },
  });
  return data!.chain_id;
}
