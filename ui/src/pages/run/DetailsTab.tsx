import { useTranslation } from "react-i18next";

import type { Task } from "@/api/runs";
import { FigureTable } from "@/charts/FigureTable";
import { useFormat } from "@/parts/format";
import { StateMark } from "@/parts/StateMark";
import { Ago, Duration } from "@/parts/Times";

import { numberOf, outcomesOf, recordOf, wordOf, type Outcome } from "./outcome";
import styles from "./TaskDrawer.module.css";

const TIMES = [
  "total_execution_time",
  "cluster_init_time",
  "device_init_time",
  "algorithm_exec_time",
  "overhead_time",
] as const;

/** Attempts, what the newest took and sent, what its secrecy rested on, and what was asked for. */
export function DetailsTab({ task }: { task: Task }) {
  const { t } = useTranslation();
  const last = task.attempts.at(-1);
  const outcomes = outcomesOf(last);
  return (
    <>
      <section className={`${styles.part} ${styles.onRaised}`}>
        <h2>{t("run.attempts")}</h2>
        {task.attempts.toReversed().map((attempt) => (
          <dl key={attempt.execution_id} className={styles.facts}>
            <dt>{t("run.attempt", { number: attempt.attempt })}</dt>
            <dd>
              <StateMark state={attempt.status} />
              {" · "}
              <Ago at={attempt.dispatched_at} />
              {" · "}
              <Duration from={attempt.dispatched_at} to={attempt.ended_at ?? attempt.heard_at} />
            </dd>
            <dt>{t("run.executionId")}</dt>
            <dd>
              <code>{attempt.execution_id}</code>
            </dd>
          </dl>
        ))}
      </section>
      {outcomes.length > 0 && <Metrics outcomes={outcomes} />}
      {outcomes[0] && <Security outcome={outcomes[0]} />}
      {last && (
        <section className={`${styles.part} ${styles.onRaised}`}>
          <h2>{t("run.request")}</h2>
          <pre className={styles.json} tabIndex={0}>
            {JSON.stringify(last.request, null, 2)}
          </pre>
        </section>
      )}
    </>
  );
}

function Metrics({ outcomes }: { outcomes: readonly Outcome[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const seconds = (value: unknown) => {
    const known = numberOf(value);
    return known === undefined ? "–" : format.duration(known);
  };
  const isOne = outcomes.length === 1;
  const parties = [
    ...new Set(outcomes.flatMap(({ metrics }) => Object.keys(recordOf(metrics.peak_rss_bytes)))),
  ];
  const size = (field: string, party: string) => {
    const known = outcomes
      .map(({ metrics }) => numberOf(recordOf(metrics[field])[party]))
      .find((value) => value !== undefined);
    return known === undefined ? "–" : format.bytes(known);
  };
  return (
    <section className={`${styles.part} ${styles.onRaised}`}>
      <h2>{t("run.metrics")}</h2>
      <FigureTable
        label={t("run.metrics")}
        table={{
          columns: [
            t("run.phase"),
            ...(isOne ? [t("chains.duration")] : outcomes.map(({ party }) => party)),
          ],
          rows: TIMES.map((name) => [
            t(`run.metric.${name}`),
            ...outcomes.map(({ metrics }) => seconds(metrics[name])),
          ]),
        }}
      />
      {parties.length > 0 && (
        <FigureTable
          label={t("run.memory")}
          table={{
            columns: [t("run.party"), t("run.memory"), t("run.sent")],
            rows: parties.map((party) => [
              party,
              size("peak_rss_bytes", party),
              size("bytes_sent", party),
            ]),
          }}
        />
      )}
    </section>
  );
}

function Security({ outcome }: { outcome: Outcome }) {
  const { t } = useTranslation();
  const security = recordOf(outcome.metadata.security);
  const protocol = wordOf(security.protocol);
  const dealer = wordOf(security.dealer);
  const heu = recordOf(security.heu);
  return (
    <section className={`${styles.part} ${styles.onRaised}`}>
      <h2>{t("run.security")}</h2>
      <dl className={styles.facts}>
        {protocol !== "" && (
          <>
            <dt>{t("run.protocol")}</dt>
            <dd>
              {protocol} / {wordOf(security.field)}
            </dd>
          </>
        )}
        {dealer !== "" && (
          <>
            <dt>{t("run.dealer")}</dt>
            <dd>
              {dealer} <span className="faint">({t("run.dealerHint")})</span>
            </dd>
          </>
        )}
        {wordOf(heu.scheme) !== "" && (
          <>
            <dt>HEU</dt>
            <dd>
              {wordOf(heu.scheme)}, {numberOf(heu.key_bits)} bit, {wordOf(heu.key_holder)}
            </dd>
          </>
        )}
        {typeof security.mutual_tls === "boolean" ? (
          <>
            <dt>{t("run.mutualTls")}</dt>
            <dd>{security.mutual_tls ? t("run.yes") : t("run.no")}</dd>
          </>
        ) : (
          <>
            <dt>{t("run.meeting")}</dt>
            <dd>{t("run.metNobody")}</dd>
          </>
        )}
        {outcome.worker !== undefined && (
          <>
            <dt>{t("run.worker")}</dt>
            <dd>{outcome.worker}</dd>
          </>
        )}
      </dl>
    </section>
  );
}
