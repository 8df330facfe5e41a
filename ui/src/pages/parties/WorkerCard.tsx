import { Fragment } from "react";
import { useTranslation } from "react-i18next";

import type { Node } from "@/api/parties";
import { useFormat } from "@/parts/format";
import { Ago } from "@/parts/Times";
import { useServerWords } from "@/words/useServerWords";

import styles from "./parties.module.css";

const WARN_DAYS = 30;

/** What a worker announces of itself: version, load, ports, memory, certificate, policy. */
export function WorkerCard({ node, isBrief = false }: { node: Node; isBrief?: boolean }) {
  const { t } = useTranslation();
  const say = useServerWords();
  const format = useFormat();
  const busy = node.running.length;
  return (
    <dl className={styles.facts}>
      <dt>{t("parties.load")}</dt>
      <dd>
        <span className={styles.slots} aria-hidden="true">
          {Array.from({ length: Math.min(node.slots, 16) }, (_, at) => (
            <i key={at} className={at < busy ? styles.busy : styles.free} />
          ))}
        </span>
        {t("parties.slots", { running: busy, slots: node.slots })}
      </dd>
      <dt>{t("parties.certificate")}</dt>
      <dd>
        <Certificate node={node} />
      </dd>
      <dt>{t("parties.version")}</dt>
      <dd>{node.version}</dd>
      {!isBrief && (
        <>
          <dt>{t("parties.host")}</dt>
          <dd>
            {node.host} · {t("parties.since")} <Ago at={node.started_at} />
          </dd>
          <dt>{t("parties.ports")}</dt>
          <dd>{format.count(node.leased_ports)}</dd>
          <dt>{t("parties.memory")}</dt>
          <dd>
            {t("parties.memoryOf", {
              worker: format.bytes(node.memory_bytes),
              parties: format.bytes(node.party_memory_bytes),
            })}
          </dd>
          <dt>{t("parties.running")}</dt>
          <dd>
            {busy === 0
              ? t("parties.nothingRuns")
              : node.running.map((task) => (
                  <div key={task.execution_id}>
                    {task.task_type} <code className="faint">{task.execution_id}</code>
                  </div>
                ))}
          </dd>
          <dt>{t("parties.policy")}</dt>
          <dd>
            {node.policy === null ? (
              t("parties.policyKept")
            ) : (
              <ul className={styles.policy}>
                {node.policy.map((line) => (
                  <li key={line}>{say(line)}</li>
                ))}
              </ul>
            )}
          </dd>
          <dt>{t("parties.shares")}</dt>
          <dd>
            {node.shares.length === 0 && t("parties.sharesNothing")}
            {node.shares.map((kind, at) => (
              <Fragment key={kind}>
                {at > 0 && ", "}
                <ShareName kind={kind} />
              </Fragment>
            ))}
          </dd>
          <dt>{t("parties.protocols")}</dt>
          <dd>{node.protocols.join(", ")}</dd>
          <dt>{t("parties.libraries")}</dt>
          <dd>
            {Object.entries(node.pins)
              .map(([name, version]) => `${name} ${version}`)
              .join(", ")}
          </dd>
        </>
      )}
    </dl>
  );
}

function Certificate({ node }: { node: Node }) {
  const { t } = useTranslation();
  if (!node.certificate) return t("parties.noCertificate");
  const days = Math.floor(node.certificate.days_left);
  if (days < 0) return <strong className={styles.bad}>{t("parties.expired")}</strong>;
  const text = t("parties.daysLeft", { count: days });
  return (
    <span className={days < WARN_DAYS ? styles.soon : undefined} title={node.certificate.subject}>
      {days < WARN_DAYS && "⚠ "}
      {text}
    </span>
  );
}

const KNOWN = ["tables", "models", "reports", "logs", "fingerprints"] as const;

function ShareName({ kind }: { kind: string }) {
  const { t } = useTranslation();
  const known = KNOWN.find((each) => each === kind);
  return known ? t(`parties.share.${known}`) : kind;
}
