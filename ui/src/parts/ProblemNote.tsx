import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";

import { Problem } from "@/api/problem";
import { useServerWords } from "@/words/useServerWords";

import styles from "./ProblemNote.module.css";

interface Props {
  readonly error: unknown;
  /** What was tried, where that says more than the problem's own sentence. */
  readonly title?: string;
  /** Shown as a button, where asking again may help. */
  readonly onAgain?: () => void;
}

/** What went wrong, by its code, where, and how to mend it (RFC 9457). */
export function ProblemNote({ error, title, onAgain }: Props) {
  const { t } = useTranslation();
  const say = useServerWords();
  const body = error instanceof Problem ? error.body : undefined;
  const isNetwork = error instanceof TypeError;
  const detail = isNetwork
    ? t("problem.unreachable")
    : error instanceof Error
      ? say(error.message)
      : t("problem.broken");
  const hint = say(body?.hint ?? "") || (isNetwork ? t("problem.unreachableHint") : "");
  const faults = body?.faults ?? [];
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      className={styles.note ?? ""}
      title={title ?? detail}
      action={
        onAgain && (
          <Button size="small" onClick={onAgain}>
            {t("common.again")}
          </Button>
        )
      }
      description={
        <div className={styles.more}>
          {title !== undefined && <p>{detail}</p>}
          {hint !== "" && <p>{hint}</p>}
          {faults.length > 0 && (
            <>
              <p>{t("problem.faults", { count: faults.length })}</p>
              <ul className={styles.faults}>
                {faults.map((fault, at) => (
                  <li key={at}>
                    {fault.path !== "" && <code>{fault.path}</code>} {say(fault.message)}
                  </li>
                ))}
              </ul>
            </>
          )}
          {body && (
            <p className="faint">
              <code>{body.code}</code>
              {body.instance != null && ` · ${t("problem.incident")} ${body.instance}`}
            </p>
          )}
        </div>
      }
    />
  );
}
