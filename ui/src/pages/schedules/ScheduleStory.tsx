import { Button, Drawer, Skeleton } from "antd";
import { useTranslation } from "react-i18next";

import { useFirings, useSchedule } from "@/api/schedules";
import { ProblemNote } from "@/parts/ProblemNote";

import { NextTimes } from "./NextTimes";
import { Outcome } from "./Outcome";
import { When } from "./When";

import styles from "./Schedules.module.css";

/** A schedule's next times, and what came of those before. */
export function ScheduleStory({
  scheduleId,
  onClose,
}: {
  scheduleId: string;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { data: schedule, error } = useSchedule(scheduleId);
  const firings = useFirings(scheduleId);
  const lines = firings.data?.pages.flatMap((page) => page.items);
  return (
    <Drawer open size={480} title={schedule?.name ?? t("schedules.title")} onClose={onClose}>
      {error !== null && <ProblemNote error={error} />}
      {schedule === undefined && error === null && <Skeleton active />}
      {schedule !== undefined && (
        <>
          <p className="form-note">
            <When {...schedule} />
          </p>
          <h3>{t("schedules.nextTimes")}</h3>
          {schedule.is_enabled ? (
            <NextTimes times={schedule.next_times} />
          ) : (
            <p className="soft">{t("schedules.off")}</p>
          )}
          <h3>{t("schedules.history")}</h3>
          {lines?.length === 0 && <p className="soft">{t("schedules.never")}</p>}
          <ul className={styles.story}>
            {lines?.map((firing) => (
              <li key={firing.firing_id}>
                <Outcome firing={firing} chainId={schedule.chain_id} />
              </li>
            ))}
          </ul>
          {firings.hasNextPage && (
            <Button onClick={() => void firings.fetchNextPage()}>{t("common.more")}</Button>
          )}
        </>
      )}
    </Drawer>
  );
}
