import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import type { ChainLine } from "@/api/chains";
import { choose, useChoices } from "@/frame/choices";

import styles from "./FirstSteps.module.css";

/** A list this short belongs to somebody who has only begun. */
const FEW = 3;

interface Props {
  readonly chains: readonly ChainLine[];
  readonly total: number;
}

/** A walk through the first chain that succeeded, until the person has seen enough of it. */
export function FirstSteps({ chains, total }: Props) {
  const { t } = useTranslation();
  const hasSeen = useChoices((choices) => choices.hasSeenSteps);
  const chain = chains.findLast((each) => each.status === "SUCCESS");
  if (hasSeen || total > FEW || chain === undefined) return null;
  const at = `/chains/${chain.chain_id}`;
  const steps = [
    { key: "run", to: at },
    { key: "results", to: `${at}/results` },
    { key: "edit", to: `${at}/edit` },
    { key: "own", to: "/chains/new" },
  ] as const;
  return (
    <section className={styles.steps} aria-labelledby="first-steps">
      <div className={styles.head}>
        <h2 id="first-steps">{t("chains.steps.title", { name: chain.chain_name })}</h2>
        <Button type="text" onClick={() => choose({ hasSeenSteps: true })}>
          {t("chains.steps.seen")}
        </Button>
      </div>
      <ol>
        {steps.map(({ key, to }) => (
          <li key={key}>
            <Link to={to}>{t(`chains.steps.${key}`)}</Link>
            <p>{t(`chains.steps.${key}Text`)}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}
