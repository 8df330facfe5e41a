import { useMemo } from "react";

import { ChartCard } from "@/charts/ChartCard";
import { confusionsOf } from "@/charts/confusion";
import { inLanguage, type Headline, type Report } from "@/charts/document";
import { useChoices } from "@/frame/choices";
import { useFormat } from "@/parts/format";

import { ColumnGlance } from "./ColumnGlance";
import { columnsOf } from "./columns";
import styles from "./results.module.css";
import { ThresholdCard } from "./ThresholdCard";

/** A report: its first figures, then its charts, and what can be worked out of them. */
export function ReportCards({ report, of }: { report: Report; of: string }) {
  const confusions = useMemo(() => confusionsOf(report.charts), [report]);
  const columns = useMemo(() => columnsOf(report.charts), [report]);
  const hasSlider = confusions.length > 1;
  const charts = report.charts.filter((chart) => !(hasSlider && chart.id === "confusion"));
  return (
    <>
      {report.headlines.length > 0 && <Headlines lines={report.headlines} />}
      <div className={styles.cards}>
        {columns.length > 0 && <ColumnGlance columns={columns} />}
        {charts.map((chart) => (
          <div
            key={chart.id}
            className={
              chart.kind === "heatmap" || chart.kind === "figures" ? styles.wide : styles.card
            }
          >
            <ChartCard chart={chart} of={of} />
          </div>
        ))}
        {hasSlider && <ThresholdCard confusions={confusions} />}
      </div>
    </>
  );
}

function Headlines({ lines }: { lines: readonly Headline[] }) {
  const format = useFormat();
  const language = useChoices((choices) => choices.language);
  return (
    <dl className={styles.headlines}>
      {lines.map((line) => (
        <div key={line.name.en}>
          <dt>{inLanguage(line.name, language)}</dt>
          <dd className={typeof line.value === "string" ? styles.words : styles.figure}>
            {typeof line.value === "number" ? format.number(line.value) : (line.value ?? "–")}
          </dd>
          <dd className={styles.meaning}>{inLanguage(line.meaning, language)}</dd>
        </div>
      ))}
    </dl>
  );
}
