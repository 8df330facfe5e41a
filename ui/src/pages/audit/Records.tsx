import { Button, Table, Tooltip, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { AuditRecord } from "@/api/audit";
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
      render: (_, { who }) =>
        who === "-" ? (
          <span className="faint">{t("audit.itself")}</span>
        ) : (
          <Button type="link" size="small" className={styles.name ?? ""} onClick={() => onWho(who)}>
            {who}
          </Button>
        ),
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
