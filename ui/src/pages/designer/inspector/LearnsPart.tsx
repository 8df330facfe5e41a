import { useTranslation } from "react-i18next";

import type { Shown } from "@/pages/designer/inspector/useTask";
import { useChecked } from "@/pages/designer/useChecked";
import { useServerWords } from "@/words/useServerWords";

import styles from "./inspector.module.css";

interface Line {
  readonly what: string;
  readonly about: string;
  readonly when: string;
  readonly isCertain: boolean;
}

/** Who learns what of one task: by the dry run where the chain has no faults, else as declared. */
export function LearnsPart({ shown }: { shown: Shown }) {
  const { t } = useTranslation();
  const say = useServerWords();
  const { dryRun } = useChecked();
  const id = shown.task.task_id;
  const own = (dryRun?.learns ?? []).filter((fact) =>
    fact.nodes.some((node) => node === id || node.startsWith(`${id}[`)),
  );
  const isChecked = dryRun?.nodes.some(({ node_id }) => node_id.split("[")[0] === id) ?? false;
  const lines = new Map<string, Line[]>();
  if (isChecked) {
    for (const party of shown.parties) lines.set(party, []);
    for (const fact of own) {
      const to = fact.outside ? `${t("designer.learns.outside")}: ${say(fact.to)}` : fact.to;
      lines.set(to, [...(lines.get(to) ?? []), { ...fact, isCertain: fact.is_certain }]);
    }
  } else {
    for (const fact of shown.kind?.disclosure ?? []) {
      const { who, what, about, when } = fact as Record<string, string>;
      const to = say(who ?? "");
      const line = { what: what ?? "", about: about ?? "", when: when ?? "", isCertain: !when };
      lines.set(to, [...(lines.get(to) ?? []), line]);
    }
  }
  return (
    <div className={styles.learns}>
      {!isChecked && <p className="faint">{t("designer.learns.declared")}</p>}
      {[...lines].map(([who, facts]) => (
        <section key={who}>
          <h3>{t("designer.learns.party", { party: who })}</h3>
          {facts.length === 0 ? (
            <p className="faint">{t("designer.learns.nothing")}</p>
          ) : (
            <ul>
              {facts.map((fact, at) => (
                <li key={at}>
                  {say(fact.what)}{" "}
                  <span className="faint">
                    {t("designer.learns.of", { about: say(fact.about) })}
                  </span>
                  {fact.when !== "" && <span className="faint"> ({say(fact.when)})</span>}
                  {!fact.isCertain && <em> {t("designer.learns.perhaps")}</em>}
                </li>
              ))}
            </ul>
          )}
        </section>
      ))}
    </div>
  );
}
