import { useTranslation } from "react-i18next";

import type { ChainLine } from "@/api/chains";
import { useFormat } from "@/parts/format";

import styles from "./ChainProgress.module.css";

type Props = Pick<ChainLine, "total_tasks" | "completed_tasks" | "failed_tasks">;

/** How many of a chain's tasks are done; those that failed in their own colour, and in words. */
export function ChainProgress(chain: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const { total_tasks: total, completed_tasks: done, failed_tasks: failed } = chain;
  const width = (part: number) => ({ width: `${total === 0 ? 0 : (100 * part) / total}%` });
  const words = t("chains.progress", { done: format.count(done), total: format.count(total) });
  const bad = failed > 0 ? t("chains.failed", { count: failed }) : "";
  return (
    <div className={styles.progress} title={bad}>
      <div className={styles.bar} aria-hidden="true">
        <div className={styles.done} style={width(done)} />
        <div className={styles.failed} style={width(failed)} />
      </div>
      <span className={styles.words}>
        <span aria-label={[words, bad].filter(Boolean).join(", ")} role="img">
          {format.count(done)}/{format.count(total)}
        </span>
      </span>
    </div>
  );
}
