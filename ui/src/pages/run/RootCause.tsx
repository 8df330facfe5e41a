import { RedoOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { Fault } from "@/api/runs";
import { StateShape } from "@/parts/StateShape";
import { useServerWords } from "@/words/useServerWords";

import styles from "./RootCause.module.css";

interface Props {
  readonly error: Fault;
  /** The task's name; without one it is the run as a whole. */
  readonly task?: string | undefined;
  readonly onOpen?: (() => void) | undefined;
  readonly onRetry?: (() => void) | undefined;
}

/** Why something failed: the code, whose part of it, what to do, and a way on from here. */
export function RootCause({ error, task, onOpen, onRetry }: Props) {
  const { t } = useTranslation();
  const say = useServerWords();
  return (
    <section className={styles.note} aria-label={t("run.cause")}>
      <StateShape state="FAILURE" size={20} />
      <div className={styles.words}>
        <h2>
          {t("run.cause")}: <code>{error.code}</code>{" "}
          <span className={styles.where}>
            {task === undefined ? t("run.timedOut") : t("run.causeAt", { task })}
            {error.party != null && ` ${t("run.atParty", { party: error.party })}`}
          </span>
        </h2>
        <p className={styles.message}>{say(error.message)}</p>
        <p>
          <strong>{t("run.whatToDo")}:</strong> {say(error.hint ?? "") || t("run.noHint")}{" "}
          <Link to={`/errors/${error.code}`}>{t("run.aboutCode", { code: error.code })}</Link>
        </p>
        {(onRetry || onOpen) && (
          <div className={styles.actions}>
            {onRetry && (
              <Button size="small" icon={<RedoOutlined />} onClick={onRetry}>
                {t("run.retryHere")}
              </Button>
            )}
            {onOpen && (
              <Button size="small" type="text" onClick={onOpen}>
                {t("run.openTask")}
              </Button>
            )}
          </div>
        )}
      </div>
    </section>
  );
}
