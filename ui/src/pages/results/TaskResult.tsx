import { Alert, Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useReports, type ToldReport } from "@/api/reports";
import type { Task } from "@/api/runs";
import { ProblemNote } from "@/parts/ProblemNote";
import { recordOf } from "@/pages/run/outcome";
import { useServerWords } from "@/words/useServerWords";

import { holdersOf } from "./figures";
import { Intersection } from "./Intersection";
import { intersectionOf } from "./intersection";
import { OwnFigures } from "./OwnFigures";
import { ReportCards } from "./ReportCards";
import styles from "./results.module.css";
import { SavedModel } from "./SavedModel";

interface Props {
  readonly chainId: string;
  readonly runId: string;
  readonly task: Task;
  /** In one column, as beside the picture. */
  readonly isNarrow?: boolean;
}

/** What a task has found: its report's charts, its intersection, and its other figures. */
export function TaskResult({ chainId, runId, task, isNarrow = false }: Props) {
  const { t } = useTranslation();
  const say = useServerWords();
  const config = recordOf(task.attempts.at(-1)?.request.task_config);
  const isWritten = task.status === "SUCCESS" && config.output_report != null;
  const reports = useReports(chainId, runId, task.node_id, isWritten);
  if (task.status !== "SUCCESS") {
    return (
      <p className="faint">
        {task.status === "FAILURE" ? t("run.noResultFailed") : t("run.noResult")}
      </p>
    );
  }
  const [from] = task.reused_from?.split(":") ?? [];
  const intersection = intersectionOf(task.result);
  const holders = holdersOf(task.result);
  const told = reports.data?.filter((each) => each.report) ?? [];
  const silent = told.length === 0 ? (reports.data ?? []) : [];
  return (
    <div className={isNarrow ? styles.narrow : styles.result}>
      {from !== undefined && (
        <Link to={`/chains/${chainId}/runs/${from}?task=${encodeURIComponent(task.node_id)}`}>
          {t("run.reusedFrom")}
        </Link>
      )}
      {intersection && <Intersection of={intersection} task={task.task_name} />}
      {isWritten && !reports.data && !reports.error && <Skeleton active />}
      {reports.error && !reports.data && (
        <ProblemNote error={reports.error} onAgain={() => void reports.refetch()} />
      )}
      {told.map((each) => (
        <Told key={each.party} told={each} isAlone={told.length === 1} task={task} />
      ))}
      {silent.map((each) => (
        <Alert
          key={each.party}
          type="info"
          showIcon
          title={t("results.noReport")}
          description={
            each.silence
              ? say(each.silence.message)
              : t("results.noReportWhy", { party: each.party })
          }
        />
      ))}
      {holders.length > 0 && (
        <SavedModel chainId={chainId} runId={runId} taskId={task.node_id} holders={holders} />
      )}
      {!intersection && (
        <OwnFigures result={task.result} hasReport={told.length > 0} of={task.task_name} />
      )}
    </div>
  );
}

function Told({ told, isAlone, task }: { told: ToldReport; isAlone: boolean; task: Task }) {
  const { t } = useTranslation();
  const party = told.report?.party ?? told.party;
  return (
    <div className={styles.part}>
      {!isAlone && <h3>{t("results.reportsOf", { party })}</h3>}
      {told.report && <ReportCards report={told.report} of={task.task_name} />}
    </div>
  );
}
