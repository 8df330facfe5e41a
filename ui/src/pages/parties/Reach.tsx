import { useTranslation } from "react-i18next";

import type { Node } from "@/api/parties";
import { StateShape } from "@/parts/StateShape";

import styles from "./parties.module.css";

interface Props {
  readonly workers: readonly Node[];
  readonly hasShared: boolean;
}

/** Whether a party's worker is there, by shape and word. */
export function Reach({ workers, hasShared }: Props) {
  const { t } = useTranslation();
  const isThere = workers.length > 0;
  return (
    <p className={styles.reach}>
      <StateShape state={isThere ? "SUCCESS" : hasShared ? "QUEUED" : "FAILURE"} />
      {isThere ? t("parties.reachable") : hasShared ? t("parties.unreachable") : t("parties.away")}
    </p>
  );
}
