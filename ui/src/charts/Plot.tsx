import type { EChartsType } from "echarts/core";
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type RefObject } from "react";

import { echarts } from "@/charts/canvas";
import { darkColours, lightColours, paperColours, type ChartColours } from "@/charts/colours";
import type { AxesChart, HeatMap } from "@/charts/document";
import { axesOption, heatOption, heightOf, type Drawing } from "@/charts/options";
import { useChoices } from "@/frame/choices";
import { useDark } from "@/frame/Look";
import { useMedia, usePrint } from "@/frame/media";
import { FONT } from "@/frame/theme";
import { formatOf } from "@/parts/format";

import styles from "./Plot.module.css";

/** As wide as a sheet of A4 between its margins, in pixels. */
const SHEET = 700;

const LATER_MS = 2_000;

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
  const isPrint = usePrint();
  const language = useChoices((choices) => choices.language);
  const colours = isDark ? darkColours : lightColours;

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

  const isWanted = useNear(place);

  useEffect(() => {
    const at = place.current;
    if (!at || !isWanted) return undefined;
    const made = echarts.init(at, undefined, { renderer: "canvas" });
    drawn.current = made;
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(at);
    return () => {
      watch.disconnect();
      made.dispose();
      drawn.current = null;
    };
  }, [isWanted]);

  useEffect(() => {
    const width = place.current?.clientWidth ?? 600;
    drawn.current?.setOption(optionOf(chart, drawing(width, colours, isStill)), true);
  }, [chart, colours, drawing, isStill, isWanted]);

  // Paper gets a picture of its own: browsers neither draw nor measure anew while they print.
  useLayoutEffect(() => {
    const at = place.current;
    if (!at || !isPrint) return undefined;
    const width = Math.min(at.clientWidth || SHEET, SHEET);
    const sheet = paint(chart, drawing(width, paperColours, true), height ?? heightOf(chart));
    sheet.className = styles.sheet ?? "";
    at.append(sheet);
    return () => sheet.remove();
  }, [chart, drawing, height, isPrint]);

  useEffect(() => {
    onReady?.(() => pictureOf(chart, drawing(960, paperColours, true)));
  }, [chart, drawing, onReady]);

  return (
    <div
      ref={place}
      className={styles.plot}
      role="img"
      aria-label={label}
      style={{ width: "100%", height: height ?? heightOf(chart) }}
    />
  );
}

/** Whether a place has come near the window: a report of hundreds of charts draws what is looked at. */
function useNear(place: RefObject<HTMLDivElement | null>): boolean {
  const [isNear, setNear] = useState(typeof IntersectionObserver === "undefined");
  useEffect(() => {
    const at = place.current;
    if (!at || isNear) return undefined;
    const watch = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setNear(true),
      { rootMargin: "600px" },
    );
    watch.observe(at);
    return () => watch.disconnect();
  }, [place, isNear]);
  return isNear;
}

function optionOf(chart: AxesChart | HeatMap, drawing: Drawing) {
  return chart.kind === "heatmap" ? heatOption(chart, drawing) : axesOption(chart, drawing);
}

/** Draw a chart anew for paper, as a PNG. */
function pictureOf(chart: AxesChart | HeatMap, drawing: Drawing): Promise<Blob | null> {
  const canvas = paint(chart, drawing, Math.max(420, heightOf(chart)));
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** Paint a chart on white, out of sight; all its layers on one canvas. */
function paint(chart: AxesChart | HeatMap, drawing: Drawing, height: number): HTMLCanvasElement {
  const away = document.createElement("div");
  away.style.width = `${drawing.width}px`;
  away.style.height = `${height}px`;
  away.style.position = "absolute";
  away.style.left = "-10000px";
  document.body.append(away);
  const made = echarts.init(away, undefined, { renderer: "canvas", devicePixelRatio: 1 });
  try {
    made.setOption({ ...optionOf(chart, drawing), backgroundColor: "#ffffff" });
    // Sharper than its own layers, it is painted anew and at once; those may take several frames.
    return made.renderToCanvas({ pixelRatio: 2 });
  } finally {
    away.remove();
    // The frames that are still to come would ask a chart that is gone.
    setTimeout(() => made.dispose(), LATER_MS);
  }
}

function digitsOf(value: number): number {
  const size = Math.abs(value);
  return size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 3 : 4;
}
