import { DownloadOutlined, LineChartOutlined, TableOutlined } from "@ant-design/icons";
import { Button, Dropdown, Segmented } from "antd";
import { lazy, Suspense, useCallback, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { describe } from "@/charts/describe";
import { inLanguage, type Chart } from "@/charts/document";
import { fileName, saveCsv } from "@/charts/download";
import { save } from "@/parts/files";
import { FigureTable } from "@/charts/FigureTable";
import { heightOf } from "@/charts/options";
import { ordered } from "@/charts/order";
import { csvOf, tableOf } from "@/charts/table";
import { useChoices } from "@/frame/choices";

import styles from "./ChartCard.module.css";

// What draws is large, and no page needs it before its first chart.
const Plot = lazy(() => import("@/charts/Plot").then(({ Plot }) => ({ default: Plot })));

interface Props {
  readonly chart: Chart;
  readonly height?: number;
  /** For the names of downloads, before the chart's own title. */
  readonly of?: string;
}

/** A chart with its title, how to read it, its table, and its downloads. */
export function ChartCard({ chart: given, height, of }: Props) {
  const { t } = useTranslation();
  const language = useChoices((choices) => choices.language);
  const title = useId();
  const picture = useRef<(() => Promise<Blob | null>) | null>(null);
  const [view, setView] = useState<"picture" | "table">("picture");
  const chart = useMemo(() => (given.kind === "heatmap" ? ordered(given) : given), [given]);
  const table = useMemo(() => tableOf(chart, language), [chart, language]);
  const isTable = chart.kind === "figures" || view === "table";
  const name = [of, inLanguage(chart.title, language)].filter(Boolean).join(" ");
  const remember = useCallback((make: () => Promise<Blob | null>) => {
    picture.current = make;
  }, []);
  const downloads = [
    { key: "csv", label: t("results.asCsv") },
    ...(chart.kind === "figures" ? [] : [{ key: "png", label: t("results.asPng") }]),
  ];

  async function download(kind: string) {
    if (kind === "csv") {
      saveCsv(fileName(name, "csv"), csvOf(table));
      return;
    }
    const made = await picture.current?.();
    if (made) save(fileName(name, "png"), made);
  }

  return (
    <figure className={styles.card} aria-labelledby={title}>
      <div className={styles.head}>
        <h3 id={title}>{inLanguage(chart.title, language)}</h3>
        <div className={styles.tools}>
          {chart.kind !== "figures" && (
            <Segmented
              size="small"
              aria-label={t("results.view")}
              value={view}
              onChange={setView}
              options={[
                { value: "picture", icon: <LineChartOutlined />, title: t("results.picture") },
                { value: "table", icon: <TableOutlined />, title: t("results.table") },
              ]}
            />
          )}
          <Dropdown
            trigger={["click"]}
            menu={{ items: downloads, onClick: ({ key }) => void download(key) }}
          >
            <Button
              size="small"
              type="text"
              icon={<DownloadOutlined />}
              aria-label={`${t("common.download")}: ${inLanguage(chart.title, language)}`}
            />
          </Dropdown>
        </div>
      </div>
      {chart.kind !== "figures" && (
        <div hidden={isTable}>
          <Suspense fallback={<div style={{ height: height ?? heightOf(chart) }} />}>
            <Plot
              chart={chart}
              label={describe(chart, language)}
              height={height}
              onReady={remember}
            />
          </Suspense>
        </div>
      )}
      {isTable && <FigureTable table={table} label={inLanguage(chart.title, language)} />}
      {chart.note && <figcaption>{inLanguage(chart.note, language)}</figcaption>}
    </figure>
  );
}
