import { Table, type TableColumnType, type TableProps } from "antd";
import type { ReactNode } from "react";

import { usePhone } from "@/frame/media";

import styles from "./Listing.module.css";

type Columns<Row> = readonly TableColumnType<Row>[];

interface Props<Row> extends Omit<TableProps<Row>, "columns"> {
  readonly columns: Columns<Row>;
}

/** A table; on a phone each row is told from top to bottom, as columns would lie out of sight. */
export function Listing<Row extends object>({ columns, ...props }: Props<Row>) {
  const isPhone = usePhone();
  if (!isPhone) return <Table<Row> {...props} columns={[...columns]} />;
  const row: TableColumnType<Row> = {
    key: "row",
    render: (_, told: Row, at) => <Told columns={columns} row={told} at={at} />,
  };
  return (
    <Table<Row>
      {...props}
      columns={[row]}
      rowClassName={styles.told ?? ""}
      showHeader={false}
      scroll={{}}
    />
  );
}

function Told<Row>({ columns, row, at }: { columns: Columns<Row>; row: Row; at: number }) {
  return (
    <dl className={styles.row}>
      {columns.map((column) => (
        <div key={column.key}>
          <dt>{column.title as ReactNode}</dt>
          <dd>{cellOf(column, row, at)}</dd>
        </div>
      ))}
    </dl>
  );
}

function cellOf<Row>(column: TableColumnType<Row>, row: Row, at: number): ReactNode {
  const value: unknown = row[column.dataIndex as keyof Row];
  return (column.render ? column.render(value, row, at) : value) as ReactNode;
}
