import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { ChainLine } from "@/api/chains";
import { Ago, Duration } from "@/parts/Times";

import { ChainProgress } from "./ChainProgress";
import { ChainState } from "./ChainState";
import { RowActions } from "./RowActions";

import styles from "./ChainCards.module.css";

/** The chains on a phone: one below the other. */
export function ChainCards({ chains }: { chains: readonly ChainLine[] }) {
  const { t } = useTranslation();
  return (
    <ul className={styles.cards} aria-label={t("chains.title")}>
      {chains.map((chain) => (
        <li key={chain.chain_id} className={styles.card}>
          <div className={styles.head}>
            <ChainState {...chain} />
            <RowActions chain={chain} />
          </div>
          <Link className={styles.name} to={`/chains/${chain.chain_id}`}>
            {chain.chain_name}
          </Link>
          <ChainProgress {...chain} />
          <p className={styles.foot}>
            {chain.created_by} · <Ago at={chain.created_at} />
            {chain.started_at !== null && (
              <>
                {" · "}
                <Duration from={chain.started_at} to={chain.completed_at} />
              </>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}
