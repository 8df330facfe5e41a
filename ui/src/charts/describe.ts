import { inLanguage, type AxesChart, type Chart, type HeatMap } from "@/charts/document";
import { formatOf } from "@/parts/format";

/** Say in a sentence or two what a chart shows, for who does not see it. */
export function describe(chart: Chart, language: "en" | "zh"): string {
  const title = inLanguage(chart.title, language);
  if (chart.kind === "figures") return title;
  const body = chart.kind === "heatmap" ? strongest(chart, language) : ends(chart, language);
  return [`${title}.`, body, chart.note ? inLanguage(chart.note, language) : ""].join(" ").trim();
}

function ends(chart: AxesChart, language: "en" | "zh"): string {
  const write = formatOf(language).number;
  const axes = `${inLanguage(chart.x.name, language)}, ${inLanguage(chart.y.name, language)}.`;
  const lines = chart.series
    .filter((series) => !series.dashed)
    .map((series) => {
      const known = series.y.filter((value) => value !== null);
      const name = inLanguage(series.name, language);
      if (known.length === 0) return `${name}: –`;
      return `${name}: ${write(Math.min(...known))} – ${write(Math.max(...known))}`;
    });
  return `${axes} ${lines.join("; ")}.`;
}

function strongest(map: HeatMap, language: "en" | "zh"): string {
  const write = formatOf(language).number;
  let best: [number, string] = [-1, ""];
  map.values.forEach((row, at) =>
    row.forEach((value, index) => {
      if (value === null || map.rows[at] === map.columns[index]) return;
      if (Math.abs(value) > best[0]) {
        best = [Math.abs(value), `${map.rows[at]} – ${map.columns[index]}: ${write(value)}`];
      }
    }),
  );
  return `${map.rows.length} × ${map.columns.length}. ${best[1]}`;
}
