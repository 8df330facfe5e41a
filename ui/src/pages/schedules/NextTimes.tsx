import { useTranslation } from "react-i18next";

import type { DueTime } from "@/api/schedules";
import { useFormat } from "@/parts/format";
import { Ago } from "@/parts/Times";

import styles from "./Schedules.module.css";

/** The times at which a schedule is due next, here and in its own time zone. */
export function NextTimes({ times }: { times: readonly DueTime[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (times.length === 0) return <p className="soft">{t("schedules.noNext")}</p>;
  return (
    <ul className={styles.times}>
      {times.map(({ at, local }) => (
        <li key={at}>
          <span>{format.when(at)}</span>
          <span className="faint">
            <Ago at={at} />
          </span>
          {!isHere(at, local) && (
            <span className="faint numbers">{local.slice(0, 16).replace("T", " ")}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Whether the schedule's clock shows the same as the browser's. */
function isHere(at: string, local: string): boolean {
  const here = new Date(at);
  const minutes = here.getHours() * 60 + here.getMinutes();
  return Number(local.slice(11, 13)) * 60 + Number(local.slice(14, 16)) === minutes;
}
