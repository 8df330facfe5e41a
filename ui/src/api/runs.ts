import {
  useMutation,
  useQuery,
  useQueryClient,
  type QueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";

import { api } from "@/api/client";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type Chain = Schemas["ChainAnswer"];
export type RunLine = Schemas["RunLine"];
export type Run = Schemas["RunAnswer"];
export type TaskLine = Schemas["TaskLine"];
export type Task = Schemas["TaskAnswer"];
export type Attempt = Schemas["Attempt"];
export type Fault = Schemas["ErrorReport"];
export type TaskLogs = Schemas["TaskLogs"];
export type ChainDocument = Readonly<Record<string, unknown>>;

const POLL_MS = 4_000;
const REST_MS = 30_000;
const LIVE: readonly string[] = ["PENDING", "RUNNING", "PAUSED"];

/** Whether a run of this status may still change by itself. */
export function isLive(status: string | undefined): boolean {
  return status !== undefined && LIVE.includes(status);
}

/** A chain and its newest run. `isWatched`: the events tell of changes, so it is asked for rarely. */
export function useChain(chainId: string, isWatched = false): UseQueryResult<Chain> {
  return useQuery({
    queryKey: ["chains", chainId],
    queryFn: async () => {
      const { data } = await api.GET("/api/v1/chains/{chain_id}", {
        params: { path: { chain_id: chainId } },
      });
      return data!;
    },
    refetchInterval: ({ state }) =>
      isLive(state.data?.status) && state.data?.celery_chain_id && !isWatched ? POLL_MS : REST_MS,
  });
}

/** The runs that a chain has had, newest first. */
export function useRuns(chainId: string): UseQueryResult<readonly RunLine[]> {
  return useQuery({
    queryKey: ["chains", chainId, "runs"],
    queryFn: async () => {
      const { data } = await api.GET("/api/v1/chains/{chain_id}/runs", {
        params: { path: { chain_id: chainId } },
      });
      return data!.items;
    },
  });
}

/** One run of a chain, with its tasks. */
export function useRun(chainId: string, runId: string | undefined): UseQueryResult<Run> {
  return useQuery({
    queryKey: ["chains", chainId, "runs", runId],
    queryFn: () => fetchRun(chainId, runId!),
    enabled: runId !== undefined,
  });
}

export async function fetchRun(chainId: string, runId: string): Promise<Run> {
  const { data } = await api.GET("/api/v1/chains/{chain_id}/runs/{run_id}", {
    params: { path: { chain_id: chainId, run_id: runId } },
  });
  return data!;
}

/** A task of a run: its attempts, its result, and who learns what by it. */
export function useTask(
  chainId: string,
  runId: string | undefined,
  taskId: string | undefined,
): UseQueryResult<Task> {
  return useQuery({
    queryKey: ["chains", chainId, "runs", runId, "tasks", taskId],
    queryFn: () => fetchTask(chainId, runId!, taskId!),
    enabled: runId !== undefined && taskId !== undefined,
  });
}

export async function fetchTask(chainId: string, runId: string, taskId: string): Promise<Task> {
  const { data } = await api.GET("/api/v1/chains/{chain_id}/runs/{run_id}/tasks/{task_id}", {
    params: { path: { chain_id: chainId, run_id: runId, task_id: taskId } },
  });
  return data!;
}

/** What each party logged of an attempt; it may have logged more while the task goes on. */
export function useLogs(
  chainId: string,
  runId: string,
  taskId: string,
  attempt: number | undefined,
  level: "DEBUG" | "INFO",
  isGoingOn: boolean,
): UseQueryResult<TaskLogs> {
  return useQuery({
    queryKey: ["chains", chainId, "runs", runId, "tasks", taskId, "logs", attempt, level],
    queryFn: async () => {
      const { data } = await api.GET("/api/v1/chains/{chain_id}/tasks/{task_id}/logs", {
        params: {
          path: { chain_id: chainId, task_id: taskId },
          query: { run: runId, level, limit: 1000, ...(attempt ? { attempt } : {}) },
        },
      });
      return data!;
    },
    refetchInterval: isGoingOn ? POLL_MS : false,
  });
}

/** The document of a version, as it was given. */
export function useDocument(
  chainId: string,
  version: number | undefined,
): UseQueryResult<ChainDocument> {
  return useQuery({
    queryKey: ["chains", chainId, "versions", version],
    queryFn: async () => {
      const { data } = await api.GET("/api/v1/chains/{chain_id}/versions/{version}", {
        params: { path: { chain_id: chainId, version: version! } },
      });
      return data as ChainDocument;
    },
    enabled: version !== undefined,
    staleTime: Infinity,
  });
}

/** What can be done to a chain's run. */
export type Deed = "execute" | "pause" | "resume" | "cancel" | "retry";

export interface Asked {
  readonly deed: Deed;
  /** For a retry: these tasks and what follows them; none named means all that failed. */
  readonly taskIds?: readonly string[];
  /** For a run: take over what earlier runs did the same way. */
  readonly isReusing?: boolean;
}

/** Do something to a chain's run, and show what it led to. */
export function useDeed(chainId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (asked: Asked) => carryOut(chainId, asked),
    onSettled: () => refresh(queries, chainId),
  });
}

/** Ask again for what is shown of a chain. */
export function refresh(queries: QueryClient, chainId: string): Promise<void> {
  return queries.invalidateQueries({
    queryKey: ["chains", chainId],
    predicate: ({ queryKey }) => queryKey[2] !== "versions",
  });
}

async function carryOut(chainId: string, { deed, taskIds = [], isReusing }: Asked): Promise<void> {
  const params = { path: { chain_id: chainId } };
  switch (deed) {
    case "execute":
      await api.POST("/api/v1/chains/{chain_id}/execute", {
        params: { ...params, query: { reuse: isReusing === true } },
      });
      break;
    case "pause":
      await api.POST("/api/v1/chains/{chain_id}/pause", { params });
      break;
    case "resume":
      await api.POST("/api/v1/chains/{chain_id}/resume", { params });
      break;
    case "cancel":
      await api.DELETE("/api/v1/chains/{chain_id}", { params });
      break;
    case "retry":
      await api.POST("/api/v1/chains/{chain_id}/retry", {
        params,
        body: { task_ids: [...taskIds] },
      });
  }
}
