import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { api } from "@/api/client";
import type { components } from "@/api/schema";

export type Node = components["schemas"]["Node"];
export type FileList = components["schemas"]["FileList"];
export type DisclosedLine = components["schemas"]["DisclosedLine"];
export type DisclosedList = components["schemas"]["DisclosedList"];

const LOOK_MS = 10_000;

/** The workers that say that they are there. */
export function useNodes(): UseQueryResult<readonly Node[]> {
  return useQuery({
    queryKey: ["nodes"],
    queryFn: async () => (await api.GET("/api/v1/nodes")).data!.items,
    refetchInterval: LOOK_MS,
  });
}

/** A party's tables: their names, columns and counts of rows, as far as it shares them. */
export function useTables(party: string): UseQueryResult<FileList> {
  return useQuery({
    queryKey: ["files", party],
    queryFn: async () => (await api.GET("/api/v1/files", { params: { query: { party } } })).data!,
    staleTime: 60_000,
  });
}

/** What tasks have disclosed, newest first. */
export function useDisclosed(): UseQueryResult<DisclosedList> {
  return useQuery({
    queryKey: ["disclosed"],
    queryFn: async () =>
      (await api.GET("/api/v1/disclosed", { params: { query: { limit: 2000 } } })).data!,
    staleTime: 30_000,
  });
}
