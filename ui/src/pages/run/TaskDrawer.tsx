import { Button, Drawer, Skeleton, Tabs } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useTask, type TaskLine } from "@/api/runs";
import { usePhone } from "@/frame/media";
import { ProblemNote } from "@/parts/ProblemNote";
import { StateMark } from "@/parts/StateMark";
import { TaskResult } from "@/pages/results/TaskResult";

import { DetailsTab } from "./DetailsTab";
import { LearnsTab } from "./LearnsTab";
import { LogsTab } from "./LogsTab";
import type { TaskNow } from "./model/now";
import type { Line } from "./model/story";
import { nameOf } from "./picture";
import { RootCause } from "./RootCause";
import { StoryTab } from "./StoryTab";
import styles from "./TaskDrawer.module.css";

interface Props {
  readonly chainId: string;
  readonly runId: string;
  readonly task: TaskLine;
  readonly now: TaskNow;
  readonly lines: readonly Line[];
  readonly onClose: () => void;
  readonly onRetry: (() => void) | undefined;
}

type Tab = "story" | "result" | "logs" | "learns" | "details";

/** All that is known of one task of a run. It opens on the cause where the task failed. */
export function TaskDrawer({ chainId, runId, task, now, lines, onClose, onRetry }: Props) {
  const { t } = useTranslation();
  const isPhone = usePhone();
  const { data, error, refetch } = useTask(chainId, runId, task.node_id);
  const [tab, setTab] = useState<Tab>(now.status === "SUCCESS" ? "result" : "story");
  const failure = now.status === "FAILURE" || now.status === "RETRY" ? task.error : undefined;

  return (
    <Drawer
      open
      mask={isPhone}
      size={isPhone ? "100%" : "clamp(500px, 42vw, 760px)"}
      onClose={onClose}
      title={
        <span className={styles.title}>
          <span>{nameOf(task)}</span>
          <StateMark state={now.status} progress={now.progress} code={now.code} />
        </span>
      }
      closable={{ "aria-label": t("run.closeTask") }}
      extra={
        onRetry &&
        !failure && (
          <Button size="small" onClick={onRetry}>
            {t("run.retryHere")}
          </Button>
        )
      }
    >
      <p className={styles.type}>
        <code>{task.task_type}</code>
        <span>{task.node_id}</span>
        {task.node_id !== task.task_id && (
          <Link to={`/compare?chain=${chainId}&of=${runId}&sweep=${task.task_id}`}>
            {t("run.compareSweep")}
          </Link>
        )}
      </p>
      {failure && <RootCause error={failure} task={nameOf(task)} onRetry={onRetry} />}
      {error && !data && <ProblemNote error={error} onAgain={() => void refetch()} />}
      {!data && !error && <Skeleton active />}
      {data && (
        <Tabs
          // All of them fit on a phone: what overflows goes to a menu that few find.
          {...(isPhone && { size: "small", tabBarGutter: 10 })}
          activeKey={tab}
          onChange={(key) => setTab(key as Tab)}
          items={[
            {
              key: "story",
              label: t("run.storyTab"),
              children: <StoryTab lines={lines} now={now} />,
            },
            {
              key: "result",
              label: t("run.resultTab"),
              children: <TaskResult chainId={chainId} runId={runId} task={data} isNarrow />,
            },
            {
              key: "logs",
              label: t("run.logsTab"),
              children: <LogsTab chainId={chainId} runId={runId} task={data} now={now} />,
            },
            { key: "learns", label: t("run.learnsTab"), children: <LearnsTab task={data} /> },
            { key: "details", label: t("run.detailsTab"), children: <DetailsTab task={data} /> },
          ]}
        />
      )}
    </Drawer>
  );
}
