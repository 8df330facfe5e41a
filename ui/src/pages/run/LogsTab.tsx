import { Alert, Input, Select, Skeleton } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { useLogs, type Task } from "@/api/runs";
import { useFormat } from "@/parts/format";
import { ProblemNote } from "@/parts/ProblemNote";
import { useServerWords } from "@/words/useServerWords";

import styles from "./LogsTab.module.css";
import { filterLogs, LEVELS, mergeLogs, type Level, type LogLine } from "./model/logs";
import type { TaskNow } from "./model/now";

interface Props {
  readonly chainId: string;
  readonly runId: string;
  readonly task: Task;
  readonly now: TaskNow;
}

/** What all parties logged, by time, as far as each shares it. */
export function LogsTab({ chainId, runId, task, now }: Props) {
  const { t } = useTranslation();
  const say = useServerWords();
  const [attempt, setAttempt] = useState<number>();
  const [level, setLevel] = useState<Level>("INFO");
  const [parties, setParties] = useState<readonly string[]>([]);
  const [text, setText] = useState("");
  const isGoingOn = now.status === "RUNNING" || now.status === "QUEUED";
  const asked = level === "DEBUG" ? "DEBUG" : "INFO";
  const logs = useLogs(chainId, runId, task.node_id, attempt, asked, isGoingOn);
  const merged = useMemo(() => mergeLogs(logs.data?.parties ?? []), [logs.data]);
  const lines = useMemo(
    () => filterLogs(merged, { parties, level, text }),
    [merged, parties, level, text],
  );
  const names = logs.data?.parties.map((each) => each.party) ?? [];

  return (
    <div className={styles.logs}>
      <div className={styles.filter} role="search">
        <Input
          allowClear
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={t("run.logFilter")}
          aria-label={t("run.logFilter")}
        />
        <Select<string[]>
          mode="multiple"
          allowClear
          value={[...parties]}
          onChange={setParties}
          options={names.map((party) => ({ value: party, label: party }))}
          placeholder={t("run.logParties")}
          aria-label={t("run.logParties")}
        />
        <Select<Level>
          value={level}
          onChange={setLevel}
          options={LEVELS.map((each) => ({ value: each, label: each }))}
          aria-label={t("run.logLevel")}
        />
        {task.attempts.length > 1 && (
          <Select<number>
            value={attempt ?? task.attempt}
            onChange={setAttempt}
            options={task.attempts.map((each) => ({
              value: each.attempt,
              label: t("run.attempt", { number: each.attempt }),
            }))}
            aria-label={t("run.attempts")}
          />
        )}
      </div>
      {logs.error && !logs.data && (
        <ProblemNote error={logs.error} onAgain={() => void logs.refetch()} />
      )}
      {!logs.data && !logs.error && <Skeleton active />}
      {logs.data?.parties.map(
        (each) =>
          each.silence && (
            <Alert
              key={each.party}
              type="info"
              showIcon
              title={t("run.silent", { party: each.party })}
              description={say(each.silence.message)}
            />
          ),
      )}
      {logs.data?.parties
        .filter((each) => each.is_cut)
        .map((each) => (
          <p key={each.party} className="faint">
            {t("run.logsCut", { party: each.party })}
          </p>
        ))}
      {logs.data && (
        <Lines lines={lines} names={names} isEmpty={merged.length === 0} isGoingOn={isGoingOn} />
      )}
      {isGoingOn && merged.length > 0 && <p className="faint">{t("run.following")}</p>}
    </div>
  );
}

interface LinesProps {
  readonly lines: readonly LogLine[];
  readonly names: readonly string[];
  readonly isEmpty: boolean;
  readonly isGoingOn: boolean;
}

function Lines({ lines, names, isEmpty, isGoingOn }: LinesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  if (lines.length === 0) {
    const why = isEmpty ? (isGoingOn ? "run.noLogsYet" : "run.noLogsKept") : "run.noLogs";
    return <p className="faint">{t(why)}</p>;
  }
  return (
    <ol className={styles.lines} aria-label={t("run.logs")} tabIndex={0}>
      {lines.map((line, at) => (
        <li key={at} className={styles[levelOf(line.level)]}>
          <span className={styles.meta}>
            <time dateTime={line.at} title={format.when(line.at)}>
              {format.clock(line.at)}
            </time>
            {line.parties.map((party) => (
              <b key={party} className={styles[`party${names.indexOf(party) % 4}`]}>
                {party}
              </b>
            ))}
            <span>{line.level}</span>
          </span>
          <span className={styles.message}>{line.message}</span>
        </li>
      ))}
    </ol>
  );
}

function levelOf(level: string): string {
  if (level === "DEBUG") return "debug";
  if (level === "INFO") return "info";
  return level === "WARNING" ? "warning" : "error";
}
