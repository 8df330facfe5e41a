import { Slider } from "antd";
import { useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { confusionAt, ratesOf, type Confusion } from "@/charts/confusion";
import { useFormat } from "@/parts/format";

import styles from "./ThresholdCard.module.css";

const RATES = ["precision", "recall", "f1", "accuracy", "falsePositiveRate"] as const;

/** A threshold to move, and the confusion and rates that follow from it. */
export function ThresholdCard({ confusions }: { confusions: readonly Confusion[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const title = useId();
  const [threshold, setThreshold] = useState(0.5);
  const now = useMemo(() => confusionAt(confusions, threshold), [confusions, threshold]);
  if (!now) return null;
  const rates = ratesOf(now);
  const cells = [
    { name: "tp", count: now.tp, isRight: true },
    { name: "fn", count: now.fn, isRight: false },
    { name: "fp", count: now.fp, isRight: false },
    { name: "tn", count: now.tn, isRight: true },
  ];
  const [tp, fn, fp, tn] = cells;
  return (
    <div className={styles.card} role="group" aria-labelledby={title}>
      <h3 id={title}>{t("results.confusionTitle")}</h3>
      <div className={styles.slider}>
        <span>{t("results.threshold")}</span>
        <Slider
          min={0}
          max={1}
          step={0.01}
          value={threshold}
          onChange={setThreshold}
          ariaLabelForHandle={t("results.threshold")}
          tooltip={{ formatter: (value) => format.number(value ?? 0, 2) }}
        />
        <output className="numbers">{format.number(threshold, 2)}</output>
      </div>
      <div className={styles.both}>
        <table className={styles.table}>
          <thead>
            <tr>
              <td>
                {t("results.truth")} \ {t("results.predicted")}
              </td>
              <th scope="col">{t("results.positive")}</th>
              <th scope="col">{t("results.negative")}</th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">{t("results.positive")}</th>
              <Cell of={tp} most={now.tp + now.fn} />
              <Cell of={fn} most={now.tp + now.fn} />
            </tr>
            <tr>
              <th scope="row">{t("results.negative")}</th>
              <Cell of={fp} most={now.fp + now.tn} />
              <Cell of={tn} most={now.fp + now.tn} />
            </tr>
          </tbody>
        </table>
        <dl className={styles.rates} aria-live="polite">
          {RATES.map((name) => (
            <div key={name}>
              <dt>{t(`results.${name}`)}</dt>
              <dd className="numbers">
                {rates[name] === null ? "–" : format.percent(rates[name], 1)}
              </dd>
            </div>
          ))}
        </dl>
      </div>
      <p className="faint">{t("results.thresholdHint")}</p>
    </div>
  );
}

interface CellProps {
  readonly of: { readonly count: number; readonly isRight: boolean } | undefined;
  readonly most: number;
}

function Cell({ of, most }: CellProps) {
  const format = useFormat();
  if (!of) return <td />;
  const part = most === 0 ? 0 : of.count / most;
  return (
    <td className={of.isRight ? styles.right : styles.wrong}>
      <i style={{ opacity: 0.08 + part * 0.42 }} aria-hidden="true" />
      <strong>{format.count(of.count)}</strong>
      <span>{format.percent(part, 0)}</span>
    </td>
  );
}
