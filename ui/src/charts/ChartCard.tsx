import { lazy, Suspense, useCallback, useMemo, useRef, type ReactNode } from "react";

import { describe } from "@/charts/describe";
import { inLanguage, type Chart } from "@/charts/document";
import { FigureCard } from "@/charts/FigureCard";
import { heightOf } from "@/charts/options";
import { ordered } from "@/charts/order";
import { tableOf } from "@/charts/table";
import { useChoices } from "@/frame/choices";

// What draws is large, and no page needs it before its first chart.
const Plot = lazy(() => import("@/charts/Plot").then(({ Plot }) => ({ default: Plot })));

interface Props {
  readonly chart: Chart;
  readonly height?: number;
  /** For the names of downloads, before the chart's own title. */
  readonly of?: string;
  /** Beside each row's name in a table of figures. */
  readonly glance?: ((row: number) => ReactNode) | undefined;
}

/** A chart with its title, how to read it, its table, and its downloads. */
export function ChartCard({ chart: given, height, of, glance }: Props) {
  const language = useChoices((choices) => choices.language);
  const picture = useRef<(() => Promise<Blob | null>) | null>(null);
  const chart = useMemo(() => (given.kind === "heatmap" ? ordered(given) : given), [given]);
  const table = useMemo(() => tableOf(chart, language), [chart, language]);
  const remember = useCallback((make: () => Promise<Blob | null>) => {
    picture.current = make;
  }, []);
  const told = {
    title: inLanguage(chart.title, language),
    table,
    of,
    note: chart.note ? inLanguage(chart.note, language) : undefined,
  };
  if (chart.kind === "figures") return <FigureCard {...told} glance={glance} />;
  return (
    <FigureCard
      {...told}
      onPicture={async () => (await picture.current?.()) ?? null}
      picture={
        <Suspense fallback={<div style={{ height: height ?? heightOf(chart) }} />}>
          <Plot
            chart={chart}
            label={describe(chart, language)}
            height={height}
            onReady={remember}
          />
        </Suspense>
      }
    />
  );
}
