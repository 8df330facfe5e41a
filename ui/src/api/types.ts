import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { api } from "@/api/client";
import type { components } from "@/api/schema";

export type TaskType = components["schemas"]["TypeAnswer"];

/** Every task type that chains may use; they change only when the server is updated. */
export function useTaskTypes(): UseQueryResult<readonly TaskType[]> {
  return useQuery({
    queryKey: ["task-types"],
    queryFn: async () => (await api.GET("/api/v1/tasks")).data!.items,
    staleTime: 10 * 60_000,
  });
}
