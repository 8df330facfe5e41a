import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { readReport, type Report } from "@/charts/document";

/** A report as a party tells it, or why it tells nothing. */
export interface ToldReport {
  readonly party: string;
  readonly path: string;
  readonly report: Report | undefined;
  readonly silence: components["schemas"]["Silence"] | null;
}

/** The reports of a task, of each party that has one. `isWritten`: only then it is asked for. */
export function useReports(
  chainId: string,
  runId: string,
  taskId: string,
  isWritten: boolean,
): UseQueryResult<readonly ToldReport[]> {
  return useQuery({
    queryKey: ["chains", chainId, "runs", runId, "tasks", taskId, "report"],
    queryFn: () => fetchReports(chainId, runId, taskId),
    enabled: isWritten,
    staleTime: 60_000,
  });
}

export async function fetchReports(
  chainId: string,
  runId: string,
  taskId: string,
): Promise<readonly ToldReport[]> {
  const { data } = await api.GET("/api/v1/chains/{chain_id}/tasks/{task_id}/report", {
    params: { path: { chain_id: chainId, task_id: taskId }, query: { run: runId } },
  });
  return data!.parties.map((told) => ({ ...told, report: readReport(told.report) }));
}
