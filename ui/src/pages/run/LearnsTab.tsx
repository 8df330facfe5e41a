import { useTranslation } from "react-i18next";

import type { Task } from "@/api/runs";
import { FigureTable } from "@/charts/FigureTable";
import { useServerWords, whoIn } from "@/words/useServerWords";

import { disclosedBy, wordOf } from "./outcome";
import styles from "./TaskDrawer.module.css";

/** Who learned what by a task; before its end, who may learn what by its type. */
export function LearnsTab({ task }: { task: Task }) {
  const { t } = useTranslation();
  const say = useServerWords();
  const done = disclosedBy(task);
  const stated = task.disclosure.map((line) => [
    say(wordOf(line.who)),
    say(wordOf(line.what)),
    say(wordOf(line.about)),
    say(wordOf(line.when)) || "–",
  ]);
  const heads = [t("run.learnsTo"), t("run.learnsWhat"), t("run.learnsAbout")];
  if (done.length === 0 && stated.length === 0) {
    return <p className="faint">{t("run.learnsNone")}</p>;
  }
  return (
    <>
      {done.length > 0 && (
        <section className={`${styles.part} ${styles.onRaised}`}>
          <h2>{t("run.learnsDone")}</h2>
          <FigureTable
            label={t("run.learnsDone")}
            table={{
              columns: heads,
              rows: done.map(({ to, what, about }) => [whoIn(say, to), say(what), say(about)]),
            }}
          />
        </section>
      )}
      {done.length === 0 && (
        <section className={`${styles.part} ${styles.onRaised}`}>
          <h2>{t("run.learnsStated")}</h2>
          <FigureTable
            label={t("run.learnsStated")}
            table={{ columns: [...heads, t("run.learnsWhen")], rows: stated }}
          />
        </section>
      )}
    </>
  );
}
