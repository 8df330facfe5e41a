import { Button } from "antd";
import { useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { digitsOf, isNumeric, type Table } from "@/charts/table";
import { useFormat } from "@/parts/format";

import styles from "./FigureTable.module.css";

const FIRST = 50;
/** Longer texts, such as paths, may break anywhere; shorter ones stay whole. */
const SHORT = 24;

interface Props {
  readonly table: Table;
  readonly label: string;
  /** Beside each row's name: its figures as a small picture. */
  readonly glance?: ((row: number) => ReactNode) | undefined;
}

/** A chart's figures, numbers to the right and written as the language does. */
export function FigureTable({ table, label, glance }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [isWhole, setWhole] = useState(false);
  const rows = isWhole ? table.rows : table.rows.slice(0, FIRST);
  const left = table.rows.length - rows.length;
  const numeric = useMemo(() => table.columns.map((_, at) => isNumeric(table, at)), [table]);
  const digits = useMemo(() => table.columns.map((_, at) => digitsOf(table, at)), [table]);
  return (
    <>
      <div className={styles.room} role="region" aria-label={label} tabIndex={0}>
        <table className={styles.table}>
          <thead>
            <tr>
              {table.columns.map((name, at) => [
                <th key={at} scope="col" className={numeric[at] ? styles.number : undefined}>
                  {name}
                </th>,
                at === 0 && glance && (
                  <th key="glance" scope="col">
                    {t("results.distribution")}
                  </th>
                ),
              ])}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={at}>
                {row.map((value, index) => [
                  <td key={index} className={classOf(value, numeric[index])}>
                    {typeof value === "number"
                      ? format.number(value, 4, digits[index])
                      : (value ?? "–")}
                  </td>,
                  index === 0 && glance && <td key="glance">{glance(at)}</td>,
                ])}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {left > 0 && (
        <Button
          type="link"
          size="small"
          className={styles.more ?? ""}
          onClick={() => setWhole(true)}
        >
          {t("results.moreRows", { count: left })}
        </Button>
      )}
    </>
  );
}

function classOf(value: string | number | null, isNumber: boolean | undefined) {
  if (isNumber) return styles.number;
  return typeof value === "string" && value.length > SHORT ? styles.long : styles.short;
}
