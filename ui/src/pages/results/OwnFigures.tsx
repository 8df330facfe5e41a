import { useTranslation } from "react-i18next";

import { useFormat } from "@/parts/format";

import { figuresOf } from "./figures";
import styles from "./results.module.css";

/** What a result holds beside a report: its single figures, then what lies where. */
export function OwnFigures({ result, hasReport }: { result: unknown; hasReport: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { numbers, others } = figuresOf(result);
  const shown = hasReport ? [] : numbers;
  if (shown.length === 0 && others.length === 0) return null;
  return (
    <div className={styles.part} role="group" aria-label={t("results.otherFigures")}>
      {shown.length > 0 && (
        <dl className={styles.headlines}>
          {shown.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className={styles.figure}>{format.number(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {others.length > 0 && (
        <dl className={styles.paths}>
          {others.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <code>{value}</code>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
