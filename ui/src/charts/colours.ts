import { dark, light, type Palette } from "@/frame/palette";

/** The colours of a chart, of the page's own theme. */
export interface ChartColours {
  readonly series: readonly string[];
  readonly ink: string;
  readonly faint: string;
  readonly grid: string;
  readonly paper: string;
  readonly raised: string;
  readonly reference: string;
  /** From the lowest over the middle to the highest value of a heat map. */
  readonly ramp: readonly [string, string, string];
}

// Told apart also by who does not see red or green, and each readable on its ground.
const ON_LIGHT = ["#0c636e", "#c05a12", "#5a55a8", "#8a6a00", "#a83a74", "#41713f"];
const ON_DARK = ["#62c0ca", "#f0a35e", "#aaa6f0", "#d8bd4f", "#ea8fbb", "#8fc98c"];
const ON_PAPER = ["#0c636e", "#c05a12", "#5a55a8", "#8a6a00", "#a83a74", "#41713f"];

function of(palette: Palette, series: readonly string[], middle: string): ChartColours {
  return {
    series,
    ink: palette.inkSoft,
    faint: palette.inkFaint,
    grid: palette.lineSoft,
    paper: palette.paper,
    raised: palette.raised,
    reference: palette.stateIdle,
    ramp: [series[1] ?? palette.stateFailure, middle, series[0] ?? palette.accent],
  };
}

export const lightColours = of(light, ON_LIGHT, "#f6f6f3");
export const darkColours = of(dark, ON_DARK, "#20272a");
/** For pictures that leave the page, and for print: always on white. */
export const paperColours = of(light, ON_PAPER, "#f6f6f3");
