import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { api } from "@/api/client";
import type { components } from "@/api/schema";

export type ModelLine = components["schemas"]["ModelLine"];
export type Model = components["schemas"]["ModelAnswer"];
export type ModelList = components["schemas"]["ModelList"];

export interface ModelQuery {
  readonly kind?: "model" | "rules";
  readonly page: number;
}

/** The models and rules files that runs have made, newest first. */
export function useModels({ kind, page }: ModelQuery): UseQueryResult<ModelList> {
  return useQuery({
    queryKey: ["models", kind, page],
    queryFn: async () => {
      const { data } = await api.GET("/api/v1/models", {
        params: { query: { page, page_size: 20, ...(kind ? { kind } : {}) } },
      });
      return data!;
    },
    placeholderData: keepPreviousData,
  });
}

/** The model that a task of a run has saved, if it is one of the chain's newest hundred. */
export function useModelOf(chainId: string, runId: string, taskId: string) {
  return useQuery({
    queryKey: ["models", "of", chainId, runId],
    queryFn: async () => {
      const { data } = await api.GET("/api/v1/models", {
        params: { query: { page: 1, page_size: 100, chain_id: chainId, kind: "model" } },
      });
      return data!.items.filter((line) => line.run_id === runId);
    },
    select: (lines) => lines.find((line) => line.task_id === taskId),
  });
}

/** A model with its lineage, and what its holders say of their shares now. */
export function useModel(modelId: string | undefined): UseQueryResult<Model> {
  return useQuery({
    queryKey: ["models", modelId],
    queryFn: async () => {
      const { data } = await api.GET("/api/v1/models/{model_id}", {
        params: { path: { model_id: modelId! } },
      });
      return data!;
    },
    enabled: modelId !== undefined,
  });
}
