import { useTranslation } from "react-i18next";

import { useFormat } from "@/parts/format";

import type { Box, Glance } from "./columns";
import styles from "./Sparkline.module.css";

const WIDTH = 120;
const HEIGHT = 28;

/** A column's values as a line of bars; a box of its quartiles where there are no counts. */
export function Sparkline({ of: { column, counts, box } }: { of: Glance }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!counts && !box) return "–";
  const says = box
    ? t("results.distributionSays", {
        column,
        q1: format.number(box.q1, 2),
        median: format.number(box.median, 2),
        q3: format.number(box.q3, 2),
      })
    : column;
  return (
    <svg
      className={styles.line}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={says}
    >
      <title>{says}</title>
      {counts ? <Bars counts={counts} /> : box && <Quartiles of={box} />}
    </svg>
  );
}

function Bars({ counts }: { counts: readonly number[] }) {
  const most = Math.max(...counts, 1);
  const step = WIDTH / counts.length;
  return (
    <>
      <path className={styles.ground} d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
      {counts.map((count, at) => {
        // One row among thousands is still seen.
        const height = count === 0 ? 0 : Math.max(1.5, (count / most) * (HEIGHT - 2));
        return (
          <rect
            key={at}
            className={styles.bar}
            x={at * step}
            y={HEIGHT - 1 - height}
            width={Math.max(1, step - 1)}
            height={height}
          />
        );
      })}
    </>
  );
}

function Quartiles({ of: { low, q1, median, q3, high } }: { of: Box }) {
  const range = high - low || 1;
  const place = (value: number) => 1 + ((value - low) / range) * (WIDTH - 2);
  return (
    <>
      <path
        className={styles.whisker}
        d={`M1 8v12M${WIDTH - 1} 8v12M1 14H${place(q1)}M${place(q3)} 14H${WIDTH - 1}`}
      />
      <rect
        className={styles.quartiles}
        x={place(q1)}
        y="6"
        width={Math.max(2, place(q3) - place(q1))}
        height="16"
        rx="2"
      />
      <path className={styles.median} d={`M${place(median)} 5v18`} />
    </>
  );
}
