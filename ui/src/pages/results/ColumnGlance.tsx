import { useTranslation } from "react-i18next";

import { useFormat } from "@/parts/format";

import type { ColumnBox } from "./columns";
import styles from "./results.module.css";

/** Each column as a little box plot: where its values lie, without any of them. */
export function ColumnGlance({ columns }: { columns: readonly ColumnBox[] }) {
  const { t } = useTranslation();
  return (
    <div className={styles.glance} role="group" aria-label={t("results.columnsAtAGlance")}>
      <h3>{t("results.columnsAtAGlance")}</h3>
      <div className={styles.boxes}>
        {columns.map((column) => (
          <Box key={column.column} of={column} />
        ))}
      </div>
    </div>
  );
}

function Box({ of }: { of: ColumnBox }) {
  const { t } = useTranslation();
  const format = useFormat();
  const range = of.high - of.low || 1;
  const place = (value: number) => 2 + ((value - of.low) / range) * 196;
  const says = t("results.range", {
    low: format.number(of.low, 2),
    median: format.number(of.median, 2),
    high: format.number(of.high, 2),
  });
  return (
    <div className={styles.box}>
      <span className={styles.boxName} title={of.column}>
        {of.column}
      </span>
      <svg viewBox="0 0 200 26" role="img" aria-label={`${of.column}. ${says}`}>
        <path
          className={styles.whisker}
          d={`M2 5v16M198 5v16M2 13H${place(of.q1)}M${place(of.q3)} 13H198`}
        />
        <rect
          className={styles.quartiles}
          x={place(of.q1)}
          y="4"
          width={Math.max(2, place(of.q3) - place(of.q1))}
          height="18"
          rx="2"
        />
        <path className={styles.median} d={`M${place(of.median)} 3v20`} />
      </svg>
      <span className={styles.boxEnds}>
        <span>{format.number(of.low, 2)}</span>
        <span>{format.number(of.median, 2)}</span>
        <span>{format.number(of.high, 2)}</span>
      </span>
      {of.missing !== undefined && of.missing > 0 && (
        <span className="faint">
          {t("results.missing")}: {format.count(of.missing)}
        </span>
      )}
    </div>
  );
}
