import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useModelOf } from "@/api/models";
import { StateShape } from "@/parts/StateShape";

import styles from "./results.module.css";

interface Props {
  readonly chainId: string;
  readonly runId: string;
  readonly taskId: string;
  readonly holders: readonly string[];
}

/** That a task has saved a model, who holds shares of it, and the way to it. */
export function SavedModel({ chainId, runId, taskId, holders }: Props) {
  const { t } = useTranslation();
  const { data: model } = useModelOf(chainId, runId, taskId);
  return (
    <p className={styles.saved}>
      <StateShape state="SUCCESS" />
      {t("results.modelSaved")}
      <span className="faint">{t("results.sharesAt", { parties: holders.join(", ") })}</span>
      {model && <Link to={`/models/${model.model_id}`}>{t("results.openModel")}</Link>}
    </p>
  );
}
