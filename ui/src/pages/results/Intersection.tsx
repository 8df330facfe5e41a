import { useTranslation } from "react-i18next";

import { boxOf, discsOf } from "@/charts/discs";
import { useFormat } from "@/parts/format";

import type { Intersected } from "./intersection";
import styles from "./Intersection.module.css";

/** Two or three overlapping discs with their counts, and how much of each party's rows matched. */
export function Intersection({ of: { parties, common } }: { of: Intersected }) {
  const { t } = useTranslation();
  const format = useFormat();
  const discs = discsOf(
    parties.map((each) => each.rows),
    common ?? Math.min(...parties.map((each) => each.rows)) / 2,
  );
  const [left, top, width, height] = boxOf(discs, 0.08);
  const middle = middleOf(discs);
  const says = t("results.intersectionSays", {
    parties: parties
      .map(({ party, rows }) => t("results.rowsAt", { party, count: rows, formatted: rows }))
      .join(", "),
    common: common === undefined ? "?" : format.count(common),
  });
  return (
    <figure className={styles.card} aria-label={t("results.intersection")}>
      <svg
        className={styles.picture}
        viewBox={`${left} ${top} ${width} ${height}`}
        role="img"
        aria-label={says}
      >
        {discs.map((disc, at) => (
          <circle key={at} className={styles[`disc${at % 3}`]} cx={disc.x} cy={disc.y} r={disc.r} />
        ))}
        <text className={styles.count} x={middle.x} y={middle.y}>
          {common === undefined ? "?" : format.count(common)}
        </text>
        <text className={styles.common} x={middle.x} y={middle.y + 0.17}>
          {t("results.common")}
        </text>
      </svg>
      <dl className={styles.parties}>
        {parties.map(({ party, rows }, at) => (
          <div key={party}>
            <dt>
              <i className={styles[`key${at % 3}`]} aria-hidden="true" /> {party}
            </dt>
            <dd>
              <strong>{format.count(rows)}</strong>
              {common !== undefined && rows > 0 && (
                <span>{t("results.matched", { rate: format.percent(common / rows, 1) })}</span>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {common === undefined && <figcaption>{t("results.commonHidden")}</figcaption>}
      {discs.length > 2 && <figcaption>{t("results.notToScale")}</figcaption>}
    </figure>
  );
}

/** The middle of what all discs share. */
function middleOf(discs: readonly { x: number; y: number; r: number }[]) {
  const [first, second] = discs;
  if (discs.length === 2 && first && second) {
    const from = Math.max(second.x - second.r, first.x - first.r);
    const to = Math.min(first.x + first.r, second.x + second.r);
    return { x: (from + to) / 2, y: 0 };
  }
  return { x: 0, y: 0 };
}
