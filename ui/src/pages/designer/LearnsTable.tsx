import { Tag, Tooltip } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import type { components } from "@/api/schema";
import { factsOf } from "@/pages/designer/document/facts";
import { useServerWords } from "@/words/useServerWords";

import styles from "./designer.module.css";

type WouldLearn = components["schemas"]["WouldLearn"];

interface Props {
  readonly parties: readonly string[];
  readonly learns: readonly WouldLearn[];
  /** What somebody has seen before: facts that are not in it are marked as new. */
  readonly before: { readonly version: number; readonly learns: readonly WouldLearn[] } | undefined;
}

/** Who will learn what: a row for each fact, a column for each party. */
export function LearnsTable({ parties, learns, before }: Props) {
  const { t } = useTranslation();
  const say = useServerWords();
  const facts = useMemo(() => factsOf(learns, before?.learns), [learns, before]);
  const outside = facts.some((fact) => fact.outside.size > 0);
  return (
    <>
      <p className={styles.signs} aria-hidden="true">
        <span>● {t("designer.dry.learnsIt")}</span>
        <span>◐ {t("designer.dry.learnsPerhaps")}</span>
        <span>– {t("designer.dry.learnsNot")}</span>
      </p>
      <div
        className={styles.matrixFrame}
        tabIndex={0}
        role="region"
        aria-label={t("designer.dry.learns")}
      >
        <table className={styles.matrix}>
          <thead>
            <tr>
              <th scope="col">{t("designer.dry.fact")}</th>
              {parties.map((party) => (
                <th key={party} scope="col">
                  {party}
                </th>
              ))}
              {outside && <th scope="col">{t("designer.dry.outside")}</th>}
            </tr>
          </thead>
          <tbody>
            {facts.map((fact) => (
              <tr key={fact.key}>
                <th scope="row">
                  {say(fact.what)}{" "}
                  <span className="faint">
                    {t("designer.learns.of", { about: say(fact.about) })}
                  </span>
                  {fact.when !== "" && <span className="faint"> ({say(fact.when)})</span>}
                  <span className={styles.factTasks}>{fact.nodes.join(", ")}</span>
                </th>
                {parties.map((party) => (
                  <Cell
                    key={party}
                    how={fact.to.get(party)}
                    isNew={fact.newTo.has(party)}
                    version={before?.version}
                  />
                ))}
                {outside && (
                  <td className={styles.outside}>
                    {[...fact.outside].map(([who, isSure]) => (
                      <div key={who}>
                        {say(who)}
                        {!isSure && <em> {t("designer.dry.learnsPerhaps")}</em>}
                        {fact.newTo.has(who) && <New version={before?.version} />}
                      </div>
                    ))}
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

interface CellProps {
  /** True: certainly; false: perhaps; undefined: not. */
  readonly how: boolean | undefined;
  readonly isNew: boolean;
  readonly version: number | undefined;
}

function Cell({ how, isNew, version }: CellProps) {
  const { t } = useTranslation();
  if (how === undefined) {
    return (
      <td className={styles.not}>
        <span aria-hidden="true">–</span>
        <span className="hidden-visually">{t("designer.dry.learnsNot")}</span>
      </td>
    );
  }
  return (
    <td className={isNew ? styles.newCell : styles.cell}>
      <span aria-hidden="true">{how ? "●" : "◐"}</span>{" "}
      <span className={styles.cellWord}>
        {how ? t("designer.dry.learnsIt") : t("designer.dry.learnsPerhaps")}
      </span>
      {isNew && <New version={version} />}
    </td>
  );
}

function New({ version }: { version: number | undefined }) {
  const { t } = useTranslation();
  return (
    <Tooltip title={t("designer.dry.newSince", { version })}>
      <Tag color="warning">{t("designer.dry.newFact")}</Tag>
    </Tooltip>
  );
}
