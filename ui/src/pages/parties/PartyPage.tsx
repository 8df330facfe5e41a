import { Alert, Skeleton } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useModels } from "@/api/models";
import { useDisclosed, useNodes, useTables, type FileList } from "@/api/parties";
import { Empty } from "@/parts/Empty";
import { useFormat } from "@/parts/format";
import { Listing } from "@/parts/Listing";
import { Page } from "@/parts/Page";
import { ProblemNote } from "@/parts/ProblemNote";
import { Ago } from "@/parts/Times";
import { useServerWords, whoIn } from "@/words/useServerWords";

import styles from "./parties.module.css";
import { Reach } from "./Reach";
import { aboutOthersThan, factsOf, partiesOf, rosterOf, type Told } from "./roster";
import { WorkerCard } from "./WorkerCard";

/** One party: its workers, its tables, and what was disclosed to it and about its data. */
export function PartyPage({ party }: { party: string }) {
  const { t } = useTranslation();
  const nodes = useNodes();
  const disclosed = useDisclosed();
  const models = useModels({ page: 1 });
  const own = nodes.data?.filter((node) => node.party === party) ?? [];
  const shared = nodes.data?.filter((node) => node.party == null) ?? [];
  const shown = own.length > 0 ? own : shared;
  const lines = disclosed.data?.items;
  const to = useMemo(
    () => factsOf(lines?.filter((line) => line.to === party) ?? []),
    [lines, party],
  );
  const about = useMemo(() => factsOf(aboutOthersThan(lines ?? [], party)), [lines, party]);

  const isKnown =
    own.length > 0 ||
    lines === undefined ||
    models.data === undefined ||
    rosterOf(nodes.data ?? [], lines, partiesOf(models.data)).some(({ name }) => name === party);

  if (!isKnown && nodes.data) {
    return (
      <Page title={party} note={<Link to="/parties">{t("parties.back")}</Link>}>
        <Empty title={t("parties.unknown", { party })}>{t("parties.unknownHint")}</Empty>
      </Page>
    );
  }
  return (
    <Page
      title={party}
      mark={nodes.data && <Reach workers={own} hasShared={shared.length > 0} />}
      note={<Link to="/parties">{t("parties.back")}</Link>}
    >
      {nodes.error && !nodes.data && (
        <ProblemNote error={nodes.error} onAgain={() => void nodes.refetch()} />
      )}
      <div className={styles.whole}>
        {shown.map((node) => (
          <section key={node.worker_id} className={styles.part}>
            <h2>
              {t("parties.worker")} <code className="faint">{node.name}</code>
            </h2>
            <WorkerCard node={node} />
          </section>
        ))}
        <Tables party={party} />
        {disclosed.error && !lines && (
          <ProblemNote error={disclosed.error} onAgain={() => void disclosed.refetch()} />
        )}
        {lines && (
          <>
            <Facts title={t("parties.disclosedTo", { party })} facts={to} hasReader={false} />
            <Facts title={t("parties.disclosedBy", { party })} facts={about} hasReader />
            {disclosed.data?.is_cut && <p className="faint">{t("parties.disclosedCut")}</p>}
          </>
        )}
      </div>
    </Page>
  );
}

type TableLine = FileList["tables"][number];

function Tables({ party }: { party: string }) {
  const { t } = useTranslation();
  const say = useServerWords();
  const format = useFormat();
  const { data, error, refetch } = useTables(party);
  return (
    <section className={styles.part}>
      <h2>{t("parties.tables")}</h2>
      <p className="soft">{t("parties.tablesHint")}</p>
      {error && !data && <ProblemNote error={error} onAgain={() => void refetch()} />}
      {!data && !error && <Skeleton active />}
      {data?.silence && (
        <Alert
          type="info"
          showIcon
          title={t("parties.noTables")}
          description={say(data.silence.message)}
        />
      )}
      {data && !data.silence && (
        <Listing<TableLine>
          size="small"
          rowKey="path"
          dataSource={data.tables}
          pagination={data.tables.length > 10 ? { pageSize: 10, showSizeChanger: false } : false}
          scroll={{ x: 560 }}
          locale={{ emptyText: t("parties.noTables") }}
          expandable={{
            columnTitle: <span className="hidden-visually">{t("parties.columns")}</span>,
            expandedRowRender: ({ columns, note }) => (
              <p className={styles.columns}>
                {columns?.map((column) => (
                  <span key={column.name}>
                    {column.name} <i>{column.kind}</i>
                  </span>
                )) ??
                  (note && say(note))}
              </p>
            ),
          }}
          columns={[
            {
              key: "path",
              title: t("parties.table"),
              className: styles.path ?? "",
              render: (_, { path }) => <code>{path}</code>,
            },
            {
              key: "rows",
              title: t("parties.rows"),
              align: "right",
              render: (_, { rows }) => (rows === null ? "–" : format.count(rows)),
            },
            {
              key: "columns",
              title: t("parties.columns"),
              align: "right",
              render: (_, { columns }) => (columns === null ? "–" : format.count(columns.length)),
            },
            {
              key: "size",
              title: t("parties.size"),
              align: "right",
              render: (_, table) => format.bytes(table.size_bytes),
            },
            {
              key: "changed",
              title: t("parties.changedAt"),
              render: (_, table) => <Ago at={table.modified_at} />,
            },
          ]}
        />
      )}
      {data?.is_cut && <p className="faint">{t("parties.tablesCut")}</p>}
    </section>
  );
}

interface FactsProps {
  readonly title: string;
  readonly facts: readonly Told[];
  /** Whether the facts went to different readers, who are named then. */
  readonly hasReader: boolean;
}

function Facts({ title, facts, hasReader }: FactsProps) {
  const { t } = useTranslation();
  const say = useServerWords();
  return (
    <section className={styles.part} aria-label={title}>
      <h2>{title}</h2>
      {facts.length === 0 ? (
        <p className="faint">{t("parties.nothingDisclosed")}</p>
      ) : (
        <Listing<Told>
          size="small"
          rowKey={(fact) => JSON.stringify([fact.chainId, fact.to, fact.what, fact.about])}
          dataSource={[...facts]}
          pagination={facts.length > 10 ? { pageSize: 10, showSizeChanger: false } : false}
          scroll={{ x: 760 }}
          columns={[
            ...(hasReader
              ? [
                  {
                    key: "to",
                    title: t("parties.to"),
                    render: (_: unknown, fact: Told) => whoIn(say, fact.to),
                  },
                ]
              : []),
            {
              key: "what",
              title: t("parties.fact"),
              render: (_, fact) => say(fact.what),
              width: "40%",
            },
            { key: "about", title: t("parties.about"), render: (_, fact) => say(fact.about) },
            {
              key: "chain",
              title: t("parties.chain"),
              render: (_, fact) => (
                <Link
                  to={`/chains/${fact.chainId}/runs/${fact.last.run_id}?task=${fact.last.task_id}`}
                >
                  {fact.chainName}
                </Link>
              ),
            },
            {
              key: "last",
              title: t("parties.last"),
              render: (_, fact) => (
                <>
                  {fact.last.at && <Ago at={fact.last.at} />}
                  {fact.times > 1 && (
                    <span className="faint"> · {t("parties.times", { count: fact.times })}</span>
                  )}
                </>
              ),
            },
          ]}
        />
      )}
    </section>
  );
}
