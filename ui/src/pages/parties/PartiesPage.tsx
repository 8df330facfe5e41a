import { Skeleton } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";

import { useModels } from "@/api/models";
import { useDisclosed, useNodes } from "@/api/parties";
import { Empty } from "@/parts/Empty";
import { Page } from "@/parts/Page";
import { ProblemNote } from "@/parts/ProblemNote";

import styles from "./parties.module.css";
import { PartyPage } from "./PartyPage";
import { Reach } from "./Reach";
import { partiesOf, rosterOf } from "./roster";
import { WorkerCard } from "./WorkerCard";

/** Every party and worker; one party in full by its name. */
export function Component() {
  const { party } = useParams();
  return party === undefined ? <Parties /> : <PartyPage key={party} party={party} />;
}

function Parties() {
  const { t } = useTranslation();
  const nodes = useNodes();
  const disclosed = useDisclosed();
  const models = useModels({ page: 1 });
  const roster = useMemo(
    () =>
      rosterOf(
        nodes.data ?? [],
        disclosed.data?.items ?? [],
        models.data ? partiesOf(models.data) : [],
      ),
    [nodes.data, disclosed.data, models.data],
  );
  const shared = nodes.data?.filter((node) => node.party == null) ?? [];
  const error = nodes.error ?? disclosed.error;
  const isEmpty = nodes.data?.length === 0 && roster.length === 0;

  return (
    <Page title={t("parties.title")} note={t("parties.note")}>
      {error && (
        <ProblemNote
          title={t("parties.failedToLoad")}
          error={error}
          onAgain={() => {
            void nodes.refetch();
            void disclosed.refetch();
          }}
        />
      )}
      {!nodes.data && !error && <Skeleton active paragraph={{ rows: 6 }} />}
      {isEmpty && <Empty title={t("parties.empty")}>{t("parties.emptyHint")}</Empty>}
      {nodes.data && !isEmpty && (
        <div className={styles.whole}>
          <ul className={styles.roster}>
            {roster.map((party) => (
              <li key={party.name}>
                <h2>
                  <Link to={`/parties/${encodeURIComponent(party.name)}`}>{party.name}</Link>
                </h2>
                <Reach workers={party.workers} hasShared={shared.length > 0} />
                {party.workers.map((node) => (
                  <WorkerCard key={node.worker_id} node={node} isBrief />
                ))}
                <p className="faint">{t("parties.learned", { count: party.learned })}</p>
              </li>
            ))}
          </ul>
          {shared.length > 0 && (
            <section className={styles.shared}>
              <h2>{t("parties.shared")}</h2>
              <p className="soft">{t("parties.sharedHint")}</p>
              <div className={styles.workers}>
                {shared.map((node) => (
                  <div key={node.worker_id} className={styles.part}>
                    <h3>{node.name}</h3>
                    <WorkerCard node={node} />
                  </div>
                ))}
              </div>
            </section>
          )}
        </div>
      )}
    </Page>
  );
}
