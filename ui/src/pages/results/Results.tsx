import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useTask, type TaskLine } from "@/api/runs";
import { nameOf } from "@/pages/run/picture";

import styles from "./results.module.css";
import { TaskResult } from "./TaskResult";

interface Props {
  readonly chainId: string;
  readonly runId: string;
  readonly tasks: readonly TaskLine[];
}

/** Types whose results are files alone: they are told of in their tasks, not here. */
const QUIET = new Set([
  "standard_scaler",
  "minmax_scaler",
  "min_max_scaler",
  "label_encoder",
  "onehot_encoder",
  "fillna",
  "apply_rules",
  "train_test_split",
]);

/** The results of a run, a section for each task that has found something. */
export function Results({ chainId, runId, tasks }: Props) {
  const { t } = useTranslation();
  const shown = tasks.filter(
    (task) => task.status === "SUCCESS" && !QUIET.has(task.task_type.split("@")[0] ?? ""),
  );
  return (
    <div className={styles.whole}>
      {shown.length > 2 && (
        <nav className={styles.contents} aria-label={t("results.title")}>
          {shown.map((task) => (
            <a key={task.node_id} href={`#result-${task.node_id}`}>
              {nameOf(task)}
            </a>
          ))}
        </nav>
      )}
      <div className={styles.sections}>
        {shown.map((task) => (
          <One key={task.node_id} chainId={chainId} runId={runId} line={task} />
        ))}
      </div>
    </div>
  );
}

function One({ chainId, runId, line }: { chainId: string; runId: string; line: TaskLine }) {
  const task = useTask(chainId, runId, line.node_id);
  return (
    <section id={`result-${line.node_id}`} className={styles.section} aria-label={nameOf(line)}>
      <h2>
        <Link to={`?view=results&task=${encodeURIComponent(line.node_id)}`}>{nameOf(line)}</Link>{" "}
        <code className="faint">{line.task_type}</code>
      </h2>
      {task.data ? (
        <TaskResult chainId={chainId} runId={runId} task={task.data} />
      ) : (
        <Skeleton active />
      )}
    </section>
  );
}
