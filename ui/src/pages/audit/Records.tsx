import { Button, Table, Tooltip, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { AuditRecord } from "@/api/audit";
import { usePhone } from "@/frame/media";
import { useFormat } from "@/parts/format";

import styles from "./AuditPage.module.css";

interface Props {
  readonly records: readonly AuditRecord[];
  readonly onWho: (who: string) => void;
}

/** The records as rows: what was done first, its hash last. */
export function Records({ records, onWho }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const isPhone = usePhone();
  const columns: TableColumnsType<AuditRecord> = [
    {
      key: "seq",
      title: "#",
      width: 76,
      align: "right",
      responsive: ["md"],
      render: (_, { seq }) => <span className="numbers faint">{format.count(seq)}</span>,
    },
    {
      key: "at",
      title: t("audit.at"),
      width: 176,
      render: (_, { at }) => (
        <time dateTime={at} className="unbroken">
          {format.when(at)}
        </time>
      ),
    },
    {
      key: "who",
      title: t("audit.who"),
      width: 130,
      render: (_, { who }) => <Who who={who} onWho={onWho} />,
    },
    {
      key: "event",
      title: t("audit.event"),
      width: 190,
      render: (_, { event }) => <code>{event}</code>,
    },
    { key: "facts", title: t("audit.facts"), render: (_, { facts }) => <Facts facts={facts} /> },
    {
      key: "hash",
      title: t("audit.hash"),
      width: 120,
      responsive: ["lg"],
      render: (_, { hash, prev }) => (
        <Tooltip title={t("audit.hashes", { hash, prev })}>
          <span className={styles.hash} tabIndex={0}>
            {hash.slice(0, 10)}…
          </span>
        </Tooltip>
      ),
    },
  ];
  if (isPhone) return <Story records={records} onWho={onWho} />;
  return (
    <Table<AuditRecord>
      className={styles.table ?? ""}
      rowKey="seq"
      size="small"
      columns={columns}
      dataSource={[...records]}
      pagination={false}
      scroll={{ x: 640 }}
    />
  );
}

/** The same one below the other: a table of five columns does not fit a phone. */
function Story({ records, onWho }: Props) {
  const format = useFormat();
  return (
    <ol className={styles.story}>
      {records.map((record) => (
        <li key={record.seq}>
          <div className={styles.deed}>
            <code>{record.event}</code>
            <time dateTime={record.at} className="faint">
              {format.when(record.at)}
            </time>
          </div>
          <Who who={record.who} onWho={onWho} />
          <Facts facts={record.facts} />
          <span className={styles.hash}>
            {format.count(record.seq)} · {record.hash.slice(0, 10)}…
          </span>
        </li>
      ))}
    </ol>
  );
}

function Who({ who, onWho }: { who: string; onWho: (who: string) => void }) {
  const { t } = useTranslation();
  if (who === "-") return <span className="faint">{t("audit.itself")}</span>;
  return (
    <Button type="link" size="small" className={styles.name ?? ""} onClick={() => onWho(who)}>
      {who}
    </Button>
  );
}

function Facts({ facts }: { facts: AuditRecord["facts"] }) {
  return (
    <span className={styles.facts}>
      {Object.entries(facts).map(([name, value]) => (
        <span key={name}>
          <span className="faint">{name} </span>
          {name === "chain" && typeof value === "string" ? (
            <Link to={`/chains/${value}`}>{value}</Link>
          ) : (
            <span>{typeof value === "string" ? value : JSON.stringify(value)}</span>
          )}
        </span>
      ))}
    </span>
  );
}
