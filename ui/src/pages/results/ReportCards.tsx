import { useMemo } from "react";

import { ChartCard } from "@/charts/ChartCard";
import { confusionsOf } from "@/charts/confusion";
import { inLanguage, type Chart, type Headline, type Report } from "@/charts/document";
import { useChoices } from "@/frame/choices";
import { useFormat } from "@/parts/format";

import { glancesOf } from "./columns";
import { ManyCharts } from "./ManyCharts";
import styles from "./results.module.css";
import { Sparkline } from "./Sparkline";
import { ThresholdCard } from "./ThresholdCard";

/** A report: its first figures, then its charts, and what can be worked out of them. */
export function ReportCards({ report, of }: { report: Report; of: string }) {
  const confusions = useMemo(() => confusionsOf(report.charts), [report]);
  const hasSlider = confusions.length > 1;
  const charts = report.charts.filter((chart) => !(hasSlider && chart.id === "confusion"));
  return (
    <>
      {report.headlines.length > 0 && <Headlines lines={report.headlines} />}
      {hasSlider && <ThresholdCard confusions={confusions} />}
      <ManyCharts charts={charts}>
        {(chart) => <Card key={chart.id} chart={chart} all={report.charts} of={of} />}
      </ManyCharts>
    </>
  );
}

interface CardProps {
  readonly chart: Chart;
  readonly all: readonly Chart[];
  readonly of: string;
}

function Card({ chart, all, of }: CardProps) {
  const glances = useMemo(() => glancesOf(chart, all), [chart, all]);
  const isWide = chart.kind === "heatmap" || chart.kind === "figures";
  const glance = (row: number) => {
    const found = glances?.[row];
    return found && <Sparkline of={found} />;
  };
  return (
    <div className={isWide ? styles.wide : styles.card}>
      <ChartCard chart={chart} of={of} glance={glances && glance} />
    </div>
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
