import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "antd";

import type { Table } from "@/charts/table";
import { useFormat } from "@/parts/format";

import styles from "./FigureTable.module.css";

const FIRST = 50;

/** A chart's figures, numbers to the right and written as the language does. */
export function FigureTable({ table, label }: { table: Table; label: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [isWhole, setWhole] = useState(false);
  const rows = isWhole ? table.rows : table.rows.slice(0, FIRST);
  const left = table.rows.length - rows.length;
  return (
    <div className={styles.room} role="region" aria-label={label} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            {table.columns.map((name, at) => (
              <th key={at} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.map((value, index) =>
                typeof value === "number" ? (
                  <td key={index} className={styles.number}>
                    {format.number(value)}
                  </td>
                ) : (
                  <td key={index}>{value ?? "–"}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && (
        <Button type="link" size="small" onClick={() => setWhole(true)}>
          {t("results.moreRows", { count: left })}
        </Button>
      )}
    </div>
  );
}
