import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { api } from "@/api/client";
import { fetchRun, fetchTask, type TaskLine } from "@/api/runs";
import { words } from "@/words";

import {
  documentSettings,
  resultFigures,
  settingsOf,
  type Column,
  type Evaluation,
} from "./compare";

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
        ? Promise.all(chosen!.runs.map(([chain, run]) => columnOfRun(chain, run)))
        : columnsOfSweep(chosen!.chain, chosen!.run, chosen!.task),
    enabled: chosen !== undefined,
  });
}

async function columnOfRun(chain: string, runId: string): Promise<Column> {
  const run = await fetchRun(chain, runId);
  const { data } = await api.GET("/api/v1/chains/{chain_id}/versions/{version}", {
    params: { path: { chain_id: chain, version: run.version } },
  });
  return {
    id: `${chain}/${runId}`,
    title: words.t("run.number", { number: run.number }),
    settings: new Map(documentSettings(data as unknown as Record<string, unknown>)),
    figures: new Map([...timeOf(run), ...run.tasks.flatMap(figuresOfTask)]),
    evaluations: evaluationsOf(run.tasks, chain, runId, (task) => task.node_id),
  };
}

async function columnsOfSweep(chain: string, runId: string, taskId: string): Promise<Column[]> {
  const run = await fetchRun(chain, runId);
  const nodes = run.tasks.filter((task) => task.task_id === taskId).slice(0, 6);
  return Promise.all(
    nodes.map(async (node) => {
      const task = await fetchTask(chain, runId, node.node_id);
      const config = task.attempts.at(-1)?.request.task_config;
      const followers = run.tasks.filter((each) => each.depends_on.includes(node.node_id));
      const own = followers.filter((each) => isOwn(each, nodes));
      return {
        id: node.node_id,
        title: node.node_id,
        settings: new Map(settingsOf(config)),
        figures: new Map([
          ...resultFigures(task.result, taskId),
          ...own.flatMap((each) => resultFigures(each.result, each.task_id)),
        ]),
        evaluations: evaluationsOf([node, ...own], chain, runId, (each) => each.task_id),
      };
    }),
  );
}

/** Whether a task follows one node of a sweep alone, as its own evaluation does. */
function isOwn(task: TaskLine, nodes: readonly TaskLine[]): boolean {
  return nodes.filter((node) => task.depends_on.includes(node.node_id)).length === 1;
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
