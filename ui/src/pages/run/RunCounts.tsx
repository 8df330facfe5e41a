import { useTranslation } from "react-i18next";

import { useFormat } from "@/parts/format";
import { StateShape, type State } from "@/parts/StateShape";

import styles from "./RunPage.module.css";

/** What is told beside the tasks that succeeded; what waits is the rest. */
const TOLD = ["RUNNING", "FAILURE", "SKIPPED", "CANCELLED"] as const;

/** How many tasks succeeded, and how the others stand: a skipped task is not one that was done. */
export function RunCounts({ states }: { states: readonly State[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const count = (state: State) => states.filter((each) => each === state).length;
  const told = TOLD.map((state) => ({ state, count: count(state) })).filter(
    (each) => each.count > 0,
  );
  return (
    <>
      <span>
        {t("run.tasksDone", {
          done: format.count(count("SUCCESS")),
          total: format.count(states.length),
        })}
      </span>
      {told.map((each) => (
        <span key={each.state} className={styles.count}>
          <StateShape state={each.state} size={13} />
          {t(`run.counted.${each.state}`, { shown: format.count(each.count) })}
        </span>
      ))}
    </>
  );
}
