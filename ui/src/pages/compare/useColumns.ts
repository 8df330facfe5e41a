import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { api } from "@/api/client";
import { fetchRun, fetchTask, type TaskLine } from "@/api/runs";
import { words } from "@/words";

import { followersOf } from "./sweep";
import {
  apart,
  documentSettings,
  resultFigures,
  settingsOf,
  type Column,
  type Evaluation,
} from "./compare";

/** So many fit side by side. */
export const MOST = 6;

/** What to compare: runs by chain and run, or the nodes of one sweep of a run. */
export type Chosen =
  | { readonly kind: "runs"; readonly runs: readonly (readonly [chain: string, run: string])[] }
  | { readonly kind: "sweep"; readonly chain: string; readonly run: string; readonly task: string };

/** Gather the settings and figures of what is compared. */
export function useColumns(chosen: Chosen | undefined): UseQueryResult<Column[]> {
  return useQuery({
    queryKey: ["compare", chosen],
    queryFn: () =>
      chosen!.kind === "runs"
        ? columnsOfRuns(chosen!.runs)
        : columnsOfSweep(chosen!.chain, chosen!.run, chosen!.task),
    enabled: chosen !== undefined,
  });
}

async function columnsOfRuns(runs: readonly (readonly [string, string])[]): Promise<Column[]> {
  const isOneChain = new Set(runs.map(([chain]) => chain)).size === 1;
  const columns = await Promise.all(
    runs.map(([chain, run]) => columnOfRun(chain, run, isOneChain)),
  );
  const titles = apart(columns.map(({ title }) => title));
  return columns.map((column, at) => ({ ...column, title: titles[at] ?? column.title }));
}

async function columnOfRun(chain: string, runId: string, isOneChain: boolean): Promise<Column> {
  const [run, name] = await Promise.all([
    fetchRun(chain, runId),
    isOneChain ? "" : nameOfChain(chain),
  ]);
  const title = words.t("run.number", { number: run.number });
  return {
    id: `${chain}/${runId}`,
    title: name === "" ? title : `${name} · ${title}`,
    settings: new Map(documentSettings(await documentOf(chain, run.version))),
    figures: new Map([...timeOf(run), ...run.tasks.flatMap(figuresOfTask)]),
    evaluations: evaluationsOf(run.tasks, chain, runId, (task) => task.node_id),
  };
}

async function nameOfChain(chain: string): Promise<string> {
  const { data } = await api.GET("/api/v1/chains/{chain_id}", {
    params: { path: { chain_id: chain } },
  });
  return data!.chain_name;
}

async function documentOf(chain: string, version: number): Promise<Record<string, unknown>> {
  const { data } = await api.GET("/api/v1/chains/{chain_id}/versions/{version}", {
    params: { path: { chain_id: chain, version } },
  });
  return data as unknown as Record<string, unknown>;
}

async function columnsOfSweep(chain: string, runId: string, taskId: string): Promise<Column[]> {
  const run = await fetchRun(chain, runId);
  const document = await documentOf(chain, run.version);
  const nodes = run.tasks.filter((task) => task.task_id === taskId).slice(0, MOST);
  return Promise.all(
    nodes.map(async (node, at) => {
      const task = await fetchTask(chain, runId, node.node_id);
      const config = task.attempts.at(-1)?.request.task_config;
      const own = followersOf(run.tasks, document, taskId, at);
      return {
        id: node.node_id,
        title: node.node_id,
        settings: new Map(settingsOf(config, taskId)),
        figures: new Map([
          ...resultFigures(task.result, taskId),
          ...own.flatMap((each) => resultFigures(each.result, typeOf(each))),
        ]),
        // Each node has an evaluation of its own name; what they have in common is the type.
        evaluations: evaluationsOf([node, ...own], chain, runId, typeOf),
      };
    }),
  );
}

function typeOf(task: TaskLine): string {
  return task.task_type.split("@")[0] ?? task.task_type;
}

function figuresOfTask(task: TaskLine): [string, number][] {
  return task.status === "SUCCESS" ? resultFigures(task.result, task.node_id) : [];
}

function evaluationsOf(
  tasks: readonly TaskLine[],
  chain: string,
  run: string,
  nameOf: (task: TaskLine) => string,
): Evaluation[] {
  return tasks
    .filter((task) => task.status === "SUCCESS" && task.task_type.startsWith("biclassification"))
    .map((task) => ({ name: nameOf(task), chain, run, task: task.node_id }));
}

function timeOf(run: { started_at: string | null; ended_at: string | null }): [string, number][] {
  if (run.started_at === null || run.ended_at === null) return [];
  return [
    [words.t("compare.seconds"), (Date.parse(run.ended_at) - Date.parse(run.started_at)) / 1000],
  ];
}
