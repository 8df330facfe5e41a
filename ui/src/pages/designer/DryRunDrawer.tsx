import { useQuery } from "@tanstack/react-query";
import { Alert, Drawer, Skeleton, Tag, Tooltip } from "antd";
import { useTranslation } from "react-i18next";

import { GroupIcon } from "@/graph/GroupIcon";
import { partiesOf, type Chain } from "@/pages/designer/document/chain";
import { neededOf } from "@/pages/designer/document/needs";
import { groupOf, kindOf } from "@/pages/designer/document/kinds";
import { useDesigner } from "@/pages/designer/document/store";
import { LearnsTable } from "@/pages/designer/LearnsTable";
import type { Stored } from "@/pages/designer/saving";
import { tryOut, type DryRun } from "@/pages/designer/useChecked";
import { useKnown } from "@/pages/designer/useKnown";
import { useFormat } from "@/parts/format";
import { ProblemNote } from "@/parts/ProblemNote";
import { useServerWords } from "@/words/useServerWords";

import styles from "./designer.module.css";

interface Props {
  /** What was saved last: what is new since is marked. */
  readonly before: Stored | undefined;
  readonly onClose: () => void;
}

/** What would happen: the order, who would learn what, how long, and what parties must have. */
export function DryRunDrawer({ before, onClose }: Props) {
  const { t } = useTranslation();
  const say = useServerWords();
  const chain = useDesigner((designer) => designer.draft.chain);
  const found = useQuery({
    queryKey: ["dry-run", chain],
    queryFn: () => tryOut(chain),
    staleTime: 0,
    gcTime: 0,
  });
  const last = useQuery({
    queryKey: ["dry-run-of", before?.chainId, before?.version],
    queryFn: () => tryOut(before!.chain),
    enabled: before !== undefined,
    staleTime: Infinity,
  });
  return (
    <Drawer open title={t("designer.dry.title")} onClose={onClose} size="min(960px, 100vw)">
      <p className="soft">{t("designer.dry.lead")}</p>
      {found.isLoading && <Skeleton active />}
      {found.error && <ProblemNote error={found.error} />}
      {found.data && found.data.faults.length > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t("designer.dry.faulty")}
          description={
            <ul>
              {found.data.faults.map((fault, at) => (
                <li key={at}>
                  <code>{fault.path}</code> {say(fault.message)}
                </li>
              ))}
            </ul>
          }
        />
      )}
      {found.data && found.data.faults.length === 0 && (
        <div className={styles.dry}>
          <section>
            <h2>{t("designer.dry.learns")}</h2>
            <LearnsTable
              parties={partiesOf(chain)}
              learns={found.data.learns}
              before={
                before && last.data
                  ? { version: before.version, learns: last.data.learns }
                  : undefined
              }
            />
          </section>
          <Order chain={chain} found={found.data} />
          <Time found={found.data} />
          <Ready chain={chain} />
        </div>
      )}
    </Drawer>
  );
}

function Order({ chain, found }: { chain: Chain; found: DryRun }) {
  const { t } = useTranslation();
  const { kinds } = useKnown();
  const nodes = new Map(found.nodes.map((node) => [node.node_id, node]));
  return (
    <section>
      <h2>{t("designer.dry.order")}</h2>
      <ol className={styles.waves}>
        {found.levels.map((wave, at) => (
          <li key={at}>
            <span className="faint">{t("designer.dry.wave", { number: at + 1 })}</span>
            {wave.map((id) => {
              const type = chain.tasks.find((task) => task.task_id === id.split("[")[0])?.task_type;
              const kind = type === undefined ? undefined : kindOf(kinds, type);
              return (
                <span key={id} className={styles.waveTask}>
                  <GroupIcon group={groupOf(kind)} size={14} /> {id}
                  {nodes.get(id)?.may_be_skipped && <Tag>{t("designer.dry.perhaps")}</Tag>}
                </span>
              );
            })}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Time({ found }: { found: DryRun }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { total } = found;
  return (
    <section>
      <h2>{t("designer.dry.time")}</h2>
      {total === null ? (
        <p className="soft">
          {t("designer.dry.noTime", { types: found.unknown_types.join(", ") })}
        </p>
      ) : (
        <p>
          {t("designer.dry.timeRange", {
            median: format.duration(total.median_s),
            low: format.duration(total.low_s),
            high: format.duration(total.high_s),
          })}{" "}
          <span className="faint">{t("designer.dry.from", { count: total.count })}</span>
        </p>
      )}
    </section>
  );
}

function Ready({ chain }: { chain: Chain }) {
  const { t } = useTranslation();
  const { kinds, offers } = useKnown();
  return (
    <section>
      <h2>{t("designer.dry.ready")}</h2>
      <dl className={styles.ready}>
        {partiesOf(chain).map((party) => {
          const needs = neededOf(chain, kinds, party);
          const offered = offers[party];
          return (
            <div key={party}>
              <dt>{party}</dt>
              {needs.length === 0 && <dd className="faint">{t("designer.dry.readyNothing")}</dd>}
              {needs.map((path) => {
                const table = offered?.find((each) => each.path === path);
                const word = table ? "found" : offered && offered.length > 0 ? "missing" : "unsure";
                return (
                  <dd key={path}>
                    <code>{path}</code>{" "}
                    <Tooltip title={table?.columns?.map((column) => column.name).join(", ")}>
                      <span className={word === "missing" ? styles.missing : "faint"}>
                        {t(`designer.dry.${word}`)}
                      </span>
                    </Tooltip>
                  </dd>
                );
              })}
            </div>
          );
        })}
      </dl>
    </section>
  );
}
