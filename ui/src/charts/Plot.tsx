import type { EChartsType } from "echarts/core";
import { useEffect, useMemo, useRef } from "react";

import { echarts } from "@/charts/canvas";
import { darkColours, lightColours, paperColours, type ChartColours } from "@/charts/colours";
import type { AxesChart, HeatMap } from "@/charts/document";
import { axesOption, heatOption, heightOf, type Drawing } from "@/charts/options";
import { useChoices } from "@/frame/choices";
import { useDark } from "@/frame/Look";
import { useMedia } from "@/frame/media";
import { FONT } from "@/frame/theme";
import { formatOf } from "@/parts/format";

interface Props {
  readonly chart: AxesChart | HeatMap;
  readonly label: string;
  readonly height?: number | undefined;
  /** Gives the way to make a picture of it, once it is drawn. */
  readonly onReady?: (picture: () => Promise<Blob | null>) => void;
}

/** A chart as a picture. What it shows is also said by its label, and by the table beside it. */
export function Plot({ chart, label, height, onReady }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<EChartsType | null>(null);
  const isDark = useDark();
  const isStill = useMedia("(prefers-reduced-motion: reduce)");
  const isPrint = useMedia("print");
  const language = useChoices((choices) => choices.language);
  const colours = isPrint ? paperColours : isDark ? darkColours : lightColours;

  const drawing = useMemo(
    () =>
      (width: number, its: ChartColours, still: boolean): Drawing => ({
        language,
        colours: its,
        font: FONT,
        width,
        isStill: still,
        write: (value) => formatOf(language).number(value, digitsOf(value)),
      }),
    [language],
  );

  useEffect(() => {
    const at = place.current;
    if (!at) return undefined;
    const made = echarts.init(at, undefined, { renderer: "canvas" });
    drawn.current = made;
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(at);
    return () => {
      watch.disconnect();
      made.dispose();
      drawn.current = null;
    };
  }, []);

  useEffect(() => {
    const width = place.current?.clientWidth ?? 600;
    drawn.current?.setOption(optionOf(chart, drawing(width, colours, isStill || isPrint)), true);
  }, [chart, colours, drawing, isStill, isPrint]);

  useEffect(() => {
    onReady?.(() => pictureOf(chart, drawing(960, paperColours, true)));
  }, [chart, drawing, onReady]);

  return (
    <div
      ref={place}
      role="img"
      aria-label={label}
      style={{ width: "100%", height: height ?? heightOf(chart) }}
    />
  );
}

function optionOf(chart: AxesChart | HeatMap, drawing: Drawing) {
  return chart.kind === "heatmap" ? heatOption(chart, drawing) : axesOption(chart, drawing);
}

/** Draw a chart anew for paper, as a PNG. */
async function pictureOf(chart: AxesChart | HeatMap, drawing: Drawing): Promise<Blob | null> {
  const away = document.createElement("div");
  away.style.width = `${drawing.width}px`;
  away.style.height = `${Math.max(420, heightOf(chart))}px`;
  away.style.position = "absolute";
  away.style.left = "-10000px";
  document.body.append(away);
  const made = echarts.init(away, undefined, { renderer: "canvas", devicePixelRatio: 2 });
  try {
    made.setOption({ ...optionOf(chart, drawing), backgroundColor: "#ffffff" });
    const canvas = made.renderToCanvas({ pixelRatio: 2 });
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  } finally {
    made.dispose();
    away.remove();
  }
}

function digitsOf(value: number): number {
  const size = Math.abs(value);
  return size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 3 : 4;
}
