import { useTranslation } from "react-i18next";

import type { Task } from "@/api/runs";
import { FigureTable } from "@/charts/FigureTable";

import { disclosedBy, wordOf } from "./outcome";
import styles from "./TaskDrawer.module.css";

/** Who learned what by a task; before its end, who may learn what by its type. */
export function LearnsTab({ task }: { task: Task }) {
  const { t } = useTranslation();
  const done = disclosedBy(task);
  const stated = task.disclosure.map((line) => [
    wordOf(line.who),
    wordOf(line.what),
    wordOf(line.about),
    wordOf(line.when) || "–",
  ]);
  const heads = [t("run.learnsTo"), t("run.learnsWhat"), t("run.learnsAbout")];
  if (done.length === 0 && stated.length === 0) {
    return <p className="faint">{t("run.learnsNone")}</p>;
  }
  return (
    <>
      {done.length > 0 && (
        <section className={`${styles.part} ${styles.onRaised}`}>
          <h3>{t("run.learnsDone")}</h3>
          <FigureTable
            label={t("run.learnsDone")}
            table={{ columns: heads, rows: done.map((fact) => [fact.to, fact.what, fact.about]) }}
          />
        </section>
      )}
      {done.length === 0 && (
        <section className={`${styles.part} ${styles.onRaised}`}>
          <h3>{t("run.learnsStated")}</h3>
          <FigureTable
            label={t("run.learnsStated")}
            table={{ columns: [...heads, t("run.learnsWhen")], rows: stated }}
          />
        </section>
      )}
    </>
  );
}
