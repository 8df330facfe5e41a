import { Skeleton, Tabs } from "antd";
import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";

import { isLive, useChain, useDocument, useRun, useRuns } from "@/api/runs";
import { useMay } from "@/api/session";
import { useTaskTypes } from "@/api/types";
import { usePhone } from "@/frame/media";
import { ChainCanvas } from "@/graph/ChainCanvas";
import { Empty } from "@/parts/Empty";
import { Page } from "@/parts/Page";
import { ProblemNote } from "@/parts/ProblemNote";
import { StateMark } from "@/parts/StateMark";
import { Ago, Duration } from "@/parts/Times";

import { Gantt, type Row } from "./Gantt";
import { LiveMark } from "./LiveMark";
import {
  canvasEdges,
  canvasTasks,
  draftEdges,
  draftTasks,
  groupsOf,
  nameOf,
  stateOf,
} from "./picture";
import { retried, rootOf } from "./retry";
import { RootCause } from "./RootCause";
import { RunActions } from "./RunActions";
import { RunCounts } from "./RunCounts";
import styles from "./RunPage.module.css";
import { RunsTable } from "./RunsTable";
import { useAsk } from "./useAsk";
import { useStory } from "./useStory";

const Results = lazy(() =>
  import("@/pages/results/Results").then(({ Results }) => ({ default: Results })),
);
const TaskDrawer = lazy(() =>
  import("./TaskDrawer").then(({ TaskDrawer }) => ({ default: TaskDrawer })),
);

/** A run of a chain: the picture, the timeline, the results, and each task in full. */
export function Component() {
  const { chainId = "", runId } = useParams();
  const { t } = useTranslation();
  const chain = useChain(chainId);
  // Its facts stand above all else: what came later would push the picture down.
  const runs = useRuns(chainId);
  if (chain.error && !chain.data) {
    return (
      <Page title={t("run.title")}>
        <ProblemNote
          title={t("run.failedToLoad")}
          error={chain.error}
          onAgain={() => void chain.refetch()}
        />
      </Page>
    );
  }
  if (!chain.data || runs.isPending) {
    return (
      <Page title={t("run.title")} isWide>
        <Skeleton active paragraph={{ rows: 8 }} />
      </Page>
    );
  }
  return <Shown key={`${chainId} ${runId ?? ""}`} chain={chain.data} runId={runId} />;
}

interface ShownProps {
  readonly chain: NonNullable<ReturnType<typeof useChain>["data"]>;
  readonly runId: string | undefined;
}

function Shown({ chain, runId: asked }: ShownProps) {
  const { t } = useTranslation();
  const chainId = chain.chain_id;
  const newest = chain.celery_chain_id ?? undefined;
  const runId = asked ?? newest;
  const isNewest = runId === newest;
  const older = useRun(chainId, isNewest ? undefined : runId);
  const runs = useRuns(chainId);
  const run = runs.data?.find((each) => each.run_id === runId);
  const document = useDocument(chainId, run?.version ?? (newest ? undefined : chain.version));
  const types = useTaskTypes();
  const mayChange = useMay("operator");
  const status = isNewest ? chain.status : (older.data?.status ?? run?.status);
  const isGoingOn = isNewest && newest !== undefined && isLive(chain.status);
  const { story, liveness } = useStory(chainId, isGoingOn);
  const heard = runId === undefined ? undefined : story.runs[runId];
  const { ask } = useAsk(chain, run);
  const [params, setParams] = useSearchParams();
  const opened = params.get("task") ?? undefined;
  const tab = params.get("view") ?? "picture";
  const isPhone = usePhone();

  const tasks = useMemo(
    () => (isNewest ? chain.tasks : (older.data?.tasks ?? [])),
    [isNewest, chain.tasks, older.data],
  );
  const groupOf = useMemo(() => groupsOf(types.data), [types.data]);
  const drawn = useMemo(
    () =>
      runId === undefined
        ? draftTasks(document.data ?? {}, groupOf)
        : canvasTasks(tasks, heard, groupOf),
    [runId, tasks, heard, groupOf, document.data],
  );
  const edges = useMemo(
    () =>
      runId === undefined ? draftEdges(document.data ?? {}) : canvasEdges(tasks, document.data),
    [runId, tasks, document.data],
  );
  const rows = useMemo<Row[]>(
    () =>
      tasks.map((task) => ({
        id: task.node_id,
        name: nameOf(task),
        state: stateOf(task, heard).status,
        attempts: task.attempt,
      })),
    [tasks, heard],
  );
  const root = status === "FAILURE" ? rootOf(tasks) : undefined;
  const error = root?.error ?? (isNewest ? chain.error : run?.error);
  const open = tasks.find((task) => task.node_id === opened);
  // What was skipped because another task failed is not done.
  const doneStates = rows.some((row) => row.state === "FAILURE")
    ? ["SUCCESS"]
    : ["SUCCESS", "SKIPPED"];
  const done = rows.filter((row) => doneStates.includes(row.state)).length;

  function show(change: Record<string, string | undefined>) {
    setParams(
      (before) => {
        for (const [key, value] of Object.entries(change)) {
          if (value === undefined) before.delete(key);
          else before.set(key, value);
        }
        return before;
      },
      { replace: true, preventScrollReset: true },
    );
  }

  const canvas = (
    <div className={styles.picture}>
      <ChainCanvas
        label={t("run.picture")}
        tasks={drawn}
        edges={edges}
        selected={opened === undefined ? [] : [opened]}
        onSelect={(ids) =>
          show({ task: tasks.find((task) => ids.includes(task.node_id))?.node_id })
        }
        onOpen={(id) => show({ task: id })}
        hasMap={drawn.length > 16 && !isPhone && open === undefined}
        fitKey={`${chainId} ${runId ?? ""} ${drawn.length} ${open !== undefined}`}
      />
    </div>
  );

  return (
    <div className={open && runId !== undefined ? styles.aside : undefined}>
      <Page
        isWide
        title={chain.chain_name}
        mark={
          <>
            {runId === undefined ? (
              <span className="faint">{t("run.neverRan")}</span>
            ) : (
              <StateMark
                state={status ?? "PENDING"}
                progress={rows.length > 0 ? done / rows.length : undefined}
              />
            )}
            <LiveMark liveness={liveness} />
          </>
        }
        note={
          runId === undefined ? (
            t("run.neverRanHint")
          ) : (
            <span className={styles.facts}>
              {run && <span>{t("run.number", { number: run.number })}</span>}
              {run && <span>{t("run.ofVersion", { version: run.version })}</span>}
              {run && <span>{t("run.startedBy", { name: run.started_by })}</span>}
              {run?.started_at && (
                <span>
                  {t("run.started")} <Ago at={run.started_at} />
                </span>
              )}
              {run?.started_at && (
                <span>
                  {t("run.took")} <Duration from={run.started_at} to={run.ended_at} />
                </span>
              )}
              <RunCounts states={rows.map((row) => row.state)} />
            </span>
          )
        }
        actions={<RunActions chain={chain} run={runs.data?.[0]} isNewest={isNewest} />}
      >
        <div className={styles.whole}>
          {error && status === "FAILURE" && (
            <RootCause
              error={error}
              task={root && nameOf(root)}
              onOpen={root && (() => show({ task: root.node_id }))}
              onRetry={
                root && isNewest && mayChange ? () => ask("retry", [root.node_id]) : undefined
              }
            />
          )}
          {runId === undefined ? (
            canvas
          ) : (
            <Tabs
              activeKey={tab}
              onChange={(view) => show({ view: view === "picture" ? undefined : view })}
              items={[
                {
                  key: "picture",
                  label: t("run.pictureTab"),
                  children: (
                    <div className={styles.beside}>
                      {canvas}
                      <section className={styles.panel} aria-label={t("run.timelineTab")}>
                        <Gantt
                          rows={rows}
                          story={heard}
                          selected={opened}
                          onOpen={(id) => show({ task: id })}
                        />
                      </section>
                    </div>
                  ),
                },
                {
                  key: "results",
                  label: t("run.resultsTab"),
                  children: tasks.some((task) => task.status === "SUCCESS") ? (
                    <Suspense fallback={<Skeleton active paragraph={{ rows: 8 }} />}>
                      <Results chainId={chainId} runId={runId} tasks={tasks} />
                    </Suspense>
                  ) : (
                    <Empty title={t("run.noResults")}>{t("run.noResultsHint")}</Empty>
                  ),
                },
                {
                  key: "runs",
                  label: t("run.runsTab"),
                  children: <RunsTable chainId={chainId} runs={runs.data ?? []} shown={runId} />,
                },
              ]}
            />
          )}
        </div>
        <Suspense fallback={null}>
          {open && runId !== undefined && (
            <TaskDrawer
              key={`${runId} ${open.node_id}`}
              chainId={chainId}
              runId={runId}
              task={open}
              now={stateOf(open, heard)}
              lines={heard?.tasks[open.node_id] ?? []}
              onClose={() => show({ task: undefined })}
              onRetry={
                isNewest && mayChange && retried(chain.tasks, [open.node_id]).length > 0
                  ? () => ask("retry", [open.node_id])
                  : undefined
              }
            />
          )}
        </Suspense>
      </Page>
    </div>
  );
}
