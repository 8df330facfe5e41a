import { useTranslation } from "react-i18next";

import type { Schedule } from "@/api/schedules";
import { useFormat } from "@/parts/format";

import { useCronWords } from "./useCronWords";

/** When a schedule is due, in words; the expression itself below. */
export function When({ cron, at, time_zone }: Pick<Schedule, "cron" | "at" | "time_zone">) {
  const { t } = useTranslation();
  const format = useFormat();
  const say = useCronWords();
  if (cron === null)
    return <span>{at === null ? "–" : t("schedules.once", { at: format.when(at) })}</span>;
  const words = say(cron);
  return (
    <span>
      {words ?? <code>{cron}</code>}
      <br />
      <span className="faint">
        {words !== undefined && <code>{cron}</code>} {time_zone}
      </span>
    </span>
  );
}
