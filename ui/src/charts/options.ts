import type { EChartsCoreOption } from "echarts/core";

import type { ChartColours } from "@/charts/colours";
import { inLanguage, type AxesChart, type Axis, type HeatMap, type Text } from "@/charts/document";

/** What a drawing depends on beside its figures. */
export interface Drawing {
  readonly language: string;
  readonly colours: ChartColours;
  readonly font: string;
  readonly width: number;
  readonly isStill: boolean;
  /** A number as the language writes it. */
  readonly write: (value: number) => string;
}

/** Labels and the axes' names lie within the picture, whatever their length. */
const WITHIN = { outerBoundsMode: "same", outerBoundsContain: "all" } as const;
const DASHES = ["solid", "dashed", "dotted"] as const;
const SYMBOLS = ["circle", "rect", "triangle", "diamond", "pin", "arrow"] as const;

/** ECharts' option for a chart over two axes. */
export function axesOption(chart: AxesChart, drawing: Drawing): EChartsCoreOption {
  const { colours, language } = drawing;
  const say = (text: Text) => inLanguage(text, language);
  const isCategory = chart.x.kind === "category";
  const isLying = chart.kind === "bar" && isCategory && isLong(chart);
  const shown = chart.series.filter((series) => !series.dashed);
  const name = { ...axisOf(chart.y, drawing), ...(isOfBars(chart) ? { scale: false } : {}) };
  const categories = isCategory ? categoriesOf(chart, isLying, drawing) : axisOf(chart.x, drawing);
  const legend = chart.series.length > 1;
  return {
    ...common(drawing),
    grid: {
      left: 8,
      right: 20,
      top: legend ? 40 : 16,
      bottom: 8,
      ...WITHIN,
    },
    legend: legend
      ? {
          top: 0,
          left: 0,
          type: "scroll",
          // Of lines the legend shows their dashes too: not everybody tells their colours apart.
          ...(isOfBars(chart)
            ? { icon: "roundRect", itemWidth: 14, itemHeight: 4 }
            : { itemWidth: 26, itemHeight: 7 }),
          itemGap: 16,
          pageIconColor: colours.ink,
          pageTextStyle: { color: colours.ink },
          textStyle: { color: colours.ink, fontFamily: drawing.font },
        }
      : undefined,
    tooltip: tooltipOf(drawing, chart.kind === "scatter" ? "item" : "axis"),
    xAxis: isLying ? name : categories,
    yAxis: isLying ? categories : { ...name, nameGap: 12, nameRotate: 90 },
    series: chart.series.map((series, index) => {
      const nth = series.dashed ? -1 : shown.indexOf(series);
      const colour = nth < 0 ? colours.reference : colourOf(colours, nth);
      const data = series.x.map((x, at) =>
        isCategory ? (series.y[at] ?? null) : [x, series.y[at] ?? null],
      );
      const base = { name: say(series.name), data, color: colour, z: series.dashed ? 1 : 2 };
      if (isOfBars(chart)) {
        return {
          ...base,
          type: "bar",
          barMaxWidth: chart.kind === "bar" ? 34 : undefined,
          barGap: "8%",
          barCategoryGap: chart.kind === "histogram" && shown.length === 1 ? "2%" : "28%",
          itemStyle: { borderRadius: isLying ? [0, 2, 2, 0] : [2, 2, 0, 0] },
        };
      }
      if (chart.kind === "scatter") {
        return { ...base, type: "scatter", symbol: SYMBOLS[index % SYMBOLS.length], symbolSize: 6 };
      }
      return {
        ...base,
        type: "line",
        step: chart.kind === "step" ? "end" : false,
        showSymbol: data.length <= 12 && !series.dashed,
        symbol: SYMBOLS[index % SYMBOLS.length],
        symbolSize: 6,
        lineStyle: {
          width: series.dashed ? 1.5 : 2,
          type: series.dashed ? "dashed" : DASHES[Math.max(nth, 0) % DASHES.length],
        },
        areaStyle: chart.id === "roc" && nth === 0 ? { opacity: 0.09 } : undefined,
      };
    }),
  };
}

/** ECharts' option for a matrix by colours, with its values in the cells where there is room. */
export function heatOption(map: HeatMap, drawing: Drawing): EChartsCoreOption {
  const { colours } = drawing;
  const cells = map.values.flatMap((row, at) =>
    row.flatMap((value, index) => (value === null ? [] : [[index, at, value]])),
  );
  const isRoomy = map.columns.length <= Math.max(4, Math.floor(drawing.width / 64));
  const isDense = map.columns.length > 60;
  const label = { color: colours.ink, fontFamily: drawing.font, overflow: "truncate" as const };
  const most = Math.max(64, Math.min(180, drawing.width * 0.26));
  return {
    ...common(drawing),
    grid: { left: 8, right: 12, top: 8, bottom: 54, ...WITHIN },
    tooltip: {
      ...tooltipOf(drawing, "item"),
      formatter: ({ value }: { value: [number, number, number] }) =>
        `${map.rows[value[1]] ?? ""}\n${map.columns[value[0]] ?? ""}\n${drawing.write(value[2])}`,
    },
    xAxis: {
      type: "category",
      data: map.columns,
      axisLabel: {
        ...label,
        rotate: 38,
        width: 120,
        interval: map.columns.length > 40 ? "auto" : 0,
      },
      axisLine: { show: false },
      axisTick: { show: false },
    },
    yAxis: {
      type: "category",
      data: map.rows,
      inverse: true,
      axisLabel: { ...label, width: most, interval: map.rows.length > 40 ? "auto" : 0 },
      axisLine: { show: false },
      axisTick: { show: false },
    },
    visualMap: {
      min: map.low,
      max: map.high,
      calculable: false,
      orient: "horizontal",
      left: "center",
      bottom: 0,
      itemWidth: 10,
      itemHeight: 160,
      text: [drawing.write(map.high), drawing.write(map.low)],
      textStyle: { color: colours.ink, fontFamily: drawing.font },
      inRange: { color: [...colours.ramp] },
    },
    series: [
      {
        type: "heatmap",
        data: cells,
        itemStyle: isDense ? {} : { borderColor: colours.paper, borderWidth: 1, borderRadius: 2 },
        label: { show: isRoomy, formatter: cellText(drawing), fontFamily: drawing.font },
        emphasis: { itemStyle: { borderColor: colours.ink, borderWidth: 1.5 } },
        progressive: 4000,
      },
    ],
  };
}

/** Bars are compared by their length, so they begin at nothing. */
function isOfBars(chart: AxesChart): boolean {
  return chart.kind === "bar" || chart.kind === "histogram";
}

/** How tall a chart wants to be. */
export function heightOf(chart: AxesChart | HeatMap): number {
  if (chart.kind === "heatmap") return Math.min(760, 150 + chart.rows.length * 30);
  if (chart.kind === "bar" && chart.x.kind === "category" && isLong(chart)) {
    const count = chart.series[0]?.x.length ?? 0;
    return Math.min(620, Math.max(180, 70 + count * 30));
  }
  return 300;
}

/** Whether names are too long, or too many, to stand below their bars. */
function isLong(chart: AxesChart): boolean {
  const names = chart.series[0]?.x ?? [];
  return names.length > 2 && names.some((name) => String(name).length > 16) && names.length <= 60;
}

function categoriesOf(chart: AxesChart, isLying: boolean, drawing: Drawing) {
  const names = chart.series[0]?.x.map(String) ?? [];
  return {
    ...axisOf(chart.x, drawing),
    type: "category",
    data: names,
    inverse: isLying,
    name: isLying ? undefined : inLanguage(chart.x.name, drawing.language),
    boundaryGap: true,
    splitLine: { show: false },
    axisTick: { show: false },
    axisLabel: {
      color: drawing.colours.ink,
      fontFamily: drawing.font,
      width: isLying ? Math.max(90, drawing.width * 0.36) : undefined,
      overflow: isLying ? "truncate" : undefined,
      hideOverlap: true,
    },
  };
}

function axisOf(axis: Axis, { colours, language, font, width, write }: Drawing) {
  return {
    type: "value",
    name: inLanguage(axis.name, language),
    nameLocation: "middle",
    nameGap: 12,
    nameTruncate: { maxWidth: width * 0.75 }, // a column's long name, on a phone
    nameTextStyle: { color: colours.faint, fontFamily: font, fontSize: 12 },
    min: axis.low ?? undefined,
    max: axis.high ?? undefined,
    scale: axis.low == null,
    axisLine: { show: true, onZero: true, lineStyle: { color: colours.grid } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colours.grid } },
    axisLabel: {
      color: colours.ink,
      fontFamily: font,
      hideOverlap: true,
      formatter: (value: number) => write(value),
    },
  };
}

/** As text that the canvas paints: a report's words are never read as HTML. */
function tooltipOf({ colours, font, write }: Drawing, trigger: "axis" | "item") {
  return {
    trigger,
    renderMode: "richText",
    confine: true,
    backgroundColor: colours.raised,
    borderColor: colours.grid,
    textStyle: { color: colours.ink, fontFamily: font, fontSize: 12 },
    axisPointer: { type: "line", lineStyle: { color: colours.faint } },
    valueFormatter: (value: unknown) =>
      typeof value === "number" ? write(value) : Array.isArray(value) ? value.join(", ") : "–",
  };
}

function common({ colours, font, isStill }: Drawing) {
  return {
    animation: !isStill,
    animationDuration: 350,
    textStyle: { fontFamily: font, color: colours.ink },
    aria: { enabled: false }, // the figure around it says the same in the page's own words
  };
}

function colourOf(colours: ChartColours, index: number): string {
  return colours.series[index % colours.series.length] ?? colours.ink;
}

function cellText({ write }: Drawing) {
  return ({ value }: { value: [number, number, number] }) =>
    write(Math.round(value[2] * 100) / 100);
}
