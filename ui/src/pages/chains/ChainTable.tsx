import { Table, type TableColumnsType } from "antd";
import type { SortOrder } from "antd/es/table/interface";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { ChainLine } from "@/api/chains";
import { Ago, Duration } from "@/parts/Times";

import { ChainProgress } from "./ChainProgress";
import { ChainState } from "./ChainState";
import { RowActions } from "./RowActions";
import { NEWEST, type View } from "./view";

import styles from "./ChainTable.module.css";

interface Props {
  readonly chains: readonly ChainLine[];
  readonly view: View;
  readonly onChange: (changed: Partial<View>) => void;
}

/** The chains as rows; sorted by the server, as only it has them all. */
export function ChainTable({ chains, view, onChange }: Props) {
  const { t } = useTranslation();
  const sorted = (key: string): { sorter: true; sortOrder: SortOrder } => ({
    sorter: true,
    sortOrder: view.sort === key ? "ascend" : view.sort === `-${key}` ? "descend" : null,
  });
  const columns: TableColumnsType<ChainLine> = [
    {
      key: "status",
      title: t("chains.state"),
      width: 148,
      ...sorted("status"),
      render: (_, chain) => <ChainState {...chain} />,
    },
    {
      // It takes what the others leave: those that say least are left out before it is cut short.
      key: "chain_name",
      title: t("chains.name"),
      ...sorted("chain_name"),
      render: (_, chain) => (
        <div className={styles.name}>
          <Link to={`/chains/${chain.chain_id}`} title={chain.chain_name}>
            {chain.chain_name}
          </Link>
          <span className={styles.below} title={chain.description ?? undefined}>
            {chain.description ?? `${chain.chain_id} · v${chain.version}`}
          </span>
        </div>
      ),
    },
    {
      key: "progress",
      title: t("chains.tasks"),
      width: 152,
      render: (_, chain) => <ChainProgress {...chain} />,
    },
    {
      key: "type",
      title: t("chains.type"),
      width: 112,
      responsive: ["xxl"],
      render: (_, chain) => <span className="soft">{t(`chains.types.${chain.chain_type}`)}</span>,
    },
    {
      key: "owner",
      title: t("chains.owner"),
      width: 112,
      responsive: ["xl"],
      ellipsis: true,
      render: (_, chain) => chain.created_by,
    },
    {
      key: "created_at",
      title: t("chains.age"),
      width: 132,
      ...sorted("created_at"),
      render: (_, chain) => <Ago at={chain.created_at} />,
    },
    {
      key: "duration",
      title: t("chains.duration"),
      width: 100,
      responsive: ["lg"],
      align: "right",
      render: (_, chain) => <Duration from={chain.started_at} to={chain.completed_at} />,
    },
    {
      key: "actions",
      title: <span className="hidden-visually">{t("chains.actions")}</span>,
      width: 92,
      align: "right",
      render: (_, chain) => <RowActions chain={chain} />,
    },
  ];
  return (
    <Table<ChainLine>
      className={styles.table ?? ""}
      rowKey="chain_id"
      columns={columns}
      dataSource={[...chains]}
      pagination={false}
      tableLayout="fixed"
      showSorterTooltip={false}
      onChange={(_pages, _filters, sorter) => {
        const by = Array.isArray(sorter) ? sorter[0] : sorter;
        const sign = by?.order === "descend" ? "-" : "";
        onChange({ sort: by?.order ? `${sign}${String(by.columnKey)}` : NEWEST });
      }}
    />
  );
}
