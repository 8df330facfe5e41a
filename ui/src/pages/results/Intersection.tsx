import { useTranslation } from "react-i18next";

import { boxOf, discsOf, middleOf } from "@/charts/discs";
import { paintDiscs } from "@/charts/paintDiscs";
import { FigureCard } from "@/charts/FigureCard";
import { useFormat } from "@/parts/format";

import { tableOf, type Intersected } from "./intersection";
import styles from "./Intersection.module.css";

interface Props {
  readonly of: Intersected;
  /** Its task's name, for the names of downloads. */
  readonly task: string;
}

/** Two or three overlapping discs with their counts, and how much of each party's rows matched. */
export function Intersection({ of: found, task }: Props) {
  const { parties, common } = found;
  const { t } = useTranslation();
  const format = useFormat();
  const discs = discsOf(
    parties.map((each) => each.rows),
    common ?? Math.min(...parties.map((each) => each.rows)) / 2,
  );
  const [left, top, width, height] = boxOf(discs, 0.08);
  const middle = middleOf(discs);
  const written = common === undefined ? "?" : format.count(common);
  const rate = (rows: number) =>
    common !== undefined && rows > 0
      ? t("results.matched", { rate: format.percent(common / rows, 1) })
      : "";
  const says = t("results.intersectionSays", {
    parties: parties
      .map(({ party, rows }) =>
        t("results.rowsAt", { party, count: rows, formatted: format.count(rows) }),
      )
      .join(", "),
    common: written,
  });
  const notes = [
    common === undefined && t("results.commonHidden"),
    discs.length > 2 && t("results.notToScale"),
  ].filter((note) => note !== false);
  return (
    <FigureCard
      title={t("results.intersection")}
      of={task}
      table={tableOf(found, {
        party: t("results.party"),
        rows: t("results.rows"),
        common: t("results.common"),
        share: t("results.matchedShare"),
      })}
      note={notes.length > 0 ? notes.join(" ") : undefined}
      onPicture={() =>
        paintDiscs(discs, [written, t("results.common")], (at) => {
          const { party, rows } = parties[at] ?? { party: "", rows: 0 };
          return [party, [format.count(rows), rate(rows)].filter(Boolean).join(" · ")];
        })
      }
      picture={
        <div className={styles.both}>
          <svg
            className={styles.picture}
            viewBox={`${left} ${top} ${width} ${height}`}
            role="img"
            aria-label={says}
          >
            {discs.map((disc, at) => (
              <circle
                key={at}
                className={styles[`disc${at % 3}`]}
                cx={disc.x}
                cy={disc.y}
                r={disc.r}
              />
            ))}
            <text className={styles.count} x={middle.x} y={middle.y}>
              {written}
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
                  <strong>{format.count(rows)}</strong> <span>{rate(rows)}</span>
                </dd>
              </div>
            ))}
          </dl>
        </div>
      }
    />
  );
}
