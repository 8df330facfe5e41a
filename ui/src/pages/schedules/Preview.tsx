import { useTranslation } from "react-i18next";

import { usePreview } from "@/api/schedules";
import { ProblemNote } from "@/parts/ProblemNote";

import { NextTimes } from "./NextTimes";
import { useCronWords } from "./useCronWords";

import styles from "./Schedules.module.css";

/** What an expression means: in words, and the next times, as the orchestrator reckons them. */
export function Preview({ cron, zone }: { cron: string; zone: string }) {
  const { t } = useTranslation();
  const say = useCronWords();
  const { data: times, error } = usePreview(cron, zone);
  return (
    <div className={styles.preview} aria-live="polite">
      <h3>{say(cron) ?? t("schedules.nextTimes")}</h3>
      {error !== null ? <ProblemNote error={error} /> : <NextTimes times={times ?? []} />}
    </div>
  );
}
