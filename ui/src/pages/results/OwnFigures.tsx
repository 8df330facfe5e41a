import { useTranslation } from "react-i18next";

import { FigureCard } from "@/charts/FigureCard";
import { useFormat } from "@/parts/format";
import { useFigureNames } from "@/words/types/useFigureNames";

import { figuresOf, type Named } from "./figures";
import styles from "./results.module.css";

/** More than these are a table. */
const FEW = 8;
/** Said elsewhere: by the line on the model. */
const SAID = /^(model_saved|model_paths|columns_\w+)$/;

interface Props {
  readonly result: unknown;
  /** Then its numbers are in there, with what they mean. */
  readonly hasReport: boolean;
  readonly of: string;
}

/** What a result holds beside a report: its figures, then what lies where. */
export function OwnFigures({ result, hasReport, of }: Props) {
  const { t } = useTranslation();
  const { numbers, words, files } = figuresOf(result);
  const say = useFigureNames();
  const shown = hasReport ? [] : numbers;
  const facts = words.filter(({ name }) => !SAID.test(name) && !(hasReport && name.includes(".")));
  const places = files.filter(({ name }) => !SAID.test(name));
  if (shown.length === 0 && facts.length === 0 && places.length === 0) return null;
  return (
    <div className={styles.part} role="group" aria-label={t("results.otherFigures")}>
      {shown.length > FEW ? (
        <FigureCard
          title={t("results.otherFigures")}
          of={of}
          table={{
            columns: [t("compare.figure"), t("results.value")],
            rows: shown.map(({ name, value }) => [say(name), value]),
          }}
        />
      ) : (
        shown.length > 0 && <Numbers of={shown} />
      )}
      {facts.length + places.length > 0 && (
        <dl className={styles.facts}>
          {facts.map(({ name, value }) => [
            <dt key={name}>{say(name)}</dt>,
            <dd key={`${name} is`}>
              {typeof value === "string" ? value : t(value ? "results.yes" : "results.no")}
            </dd>,
          ])}
          {places.map(({ name, value }) => [
            <dt key={name}>{say(name)}</dt>,
            <dd key={`${name} is`}>
              {Object.entries(value).map(([party, path]) => (
                <span key={party} className={styles.file}>
                  {party !== "" && <span className="soft">{party}</span>} <code>{path}</code>
                </span>
              ))}
            </dd>,
          ])}
        </dl>
      )}
    </div>
  );
}

function Numbers({ of }: { of: readonly Named<number>[] }) {
  const format = useFormat();
  const say = useFigureNames();
  return (
    <dl className={styles.headlines}>
      {of.map(({ name, value }) => (
        <div key={name}>
          <dt>{say(name)}</dt>
          <dd className={styles.figure}>{format.number(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
