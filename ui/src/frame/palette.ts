/** The colours of the page, by what they mean. One accent; each state has a shape and a word too. */
export interface Palette {
  readonly ground: string;
  readonly paper: string;
  readonly raised: string;
  readonly ink: string;
  readonly inkSoft: string;
  readonly inkFaint: string;
  readonly line: string;
  readonly lineSoft: string;
  readonly accent: string;
  readonly accentInk: string;
  readonly accentSoft: string;
  readonly stateIdle: string;
  readonly stateRunning: string;
  readonly stateSuccess: string;
  readonly stateFailure: string;
  readonly statePaused: string;
  readonly failureSoft: string;
  readonly pausedSoft: string;
  readonly successSoft: string;
  readonly runningSoft: string;
  readonly shadow: string;
}

export const light: Palette = {
  ground: "#f4f5f3",
  paper: "#ffffff",
  raised: "#ffffff",
  ink: "#182024",
  inkSoft: "#47545a",
  inkFaint: "#5b686f",
  line: "#d9dedc",
  lineSoft: "#e9eceb",
  accent: "#0c636e",
  accentInk: "#ffffff",
  accentSoft: "#e1eff0",
  stateIdle: "#66737a",
  stateRunning: "#1f5bb8",
  stateSuccess: "#1d7443",
  stateFailure: "#b3261e",
  statePaused: "#855600",
  failureSoft: "#fbeceb",
  pausedSoft: "#faf1de",
  successSoft: "#e6f3eb",
  runningSoft: "#e7eefa",
  shadow: "0 1px 2px rgb(24 32 36 / 6%), 0 8px 24px rgb(24 32 36 / 10%)",
};

export const dark: Palette = {
  ground: "#0f1315",
  paper: "#161b1e",
  raised: "#1d2327",
  ink: "#e7ebeb",
  inkSoft: "#b3bdc0",
  inkFaint: "#8f9a9f",
  line: "#2d363a",
  lineSoft: "#232a2e",
  accent: "#62c0ca",
  accentInk: "#06262a",
  accentSoft: "#15333a",
  stateIdle: "#98a3a8",
  stateRunning: "#86b3ff",
  stateSuccess: "#6fc691",
  stateFailure: "#ff8f85",
  statePaused: "#e5b553",
  failureSoft: "#3a1d1c",
  pausedSoft: "#352a12",
  successSoft: "#16301f",
  runningSoft: "#182a47",
  shadow: "0 1px 2px rgb(0 0 0 / 40%), 0 8px 24px rgb(0 0 0 / 45%)",
};

/** `inkSoft` as the custom property `--ink-soft`. */
export function propertyOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Give the colours to the style sheets; by script, as the page's policy allows no style attributes. */
export function applyPalette(palette: Palette, root: HTMLElement): void {
  for (const [name, value] of Object.entries(palette)) {
    root.style.setProperty(propertyOf(name), value);
  }
}
