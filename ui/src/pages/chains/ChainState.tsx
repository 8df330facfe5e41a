import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { ChainLine } from "@/api/chains";
import { StateMark } from "@/parts/StateMark";

import styles from "./ChainState.module.css";

type Props = Pick<ChainLine, "status" | "progress" | "error_code">;

/** A chain's state; a failure's code leads to what it means. */
export function ChainState({ status, progress, error_code: code }: Props) {
  const { t } = useTranslation();
  return (
    <span className={styles.state}>
      <StateMark state={status} progress={progress / 100} />
      {code != null && (
        <Link to={`/errors/${code}`} className={styles.code} title={t("chains.codeMeans")}>
          {code}
        </Link>
      )}
    </span>
  );
}
