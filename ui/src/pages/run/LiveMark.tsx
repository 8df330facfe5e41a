import { Tooltip } from "antd";
import { useTranslation } from "react-i18next";

import styles from "./LiveMark.module.css";
import type { Liveness } from "./useStory";

const WORDS = { live: "live", reconnecting: "reconnecting", asking: "asking" } as const;
const HINTS = { live: "liveHint", reconnecting: "reconnectingHint", asking: "askingHint" } as const;

/** Whether what the page shows is as of now. */
export function LiveMark({ liveness }: { liveness: Liveness }) {
  const { t } = useTranslation();
  if (liveness === "loading" || liveness === "ended") return null;
  return (
    <Tooltip title={t(`run.${HINTS[liveness]}`)}>
      <span className={styles[liveness]} role="status" tabIndex={0}>
        <i aria-hidden="true" />
        {t(`run.${WORDS[liveness]}`)}
      </span>
    </Tooltip>
  );
}
