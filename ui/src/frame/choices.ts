import { create } from "zustand";

export type Language = "en" | "zh";
export type Theme = "light" | "dark" | "system";

interface Choices {
  readonly language: Language;
  readonly theme: Theme;
  readonly isRailNarrow: boolean;
  /** They have walked through a first chain, and need no guide any more. */
  readonly hasSeenSteps: boolean;
}

const KEY = "sfw.look";

/** What the person chose before; else the browser's language and the system's theme. */
function remembered(): Choices {
  const fallback: Choices = {
    language: navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en",
    theme: "system",
    isRailNarrow: false,
    hasSeenSteps: false,
  };
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Record<string, unknown>;
    return {
      language:
        kept.language === "zh" || kept.language === "en" ? kept.language : fallback.language,
      theme: kept.theme === "light" || kept.theme === "dark" ? kept.theme : fallback.theme,
      isRailNarrow: kept.isRailNarrow === true,
      hasSeenSteps: kept.hasSeenSteps === true,
    };
  } catch {
    return fallback; // storage is closed to us, or holds what is not ours
  }
}

/** What the person chose for this browser, which remembers it. */
export const useChoices = create<Choices>(() => remembered());

/** Change a choice, and remember it. */
export function choose(change: Partial<Choices>): void {
  useChoices.setState(change);
  try {
    localStorage.setItem(KEY, JSON.stringify(useChoices.getState()));
  } catch {
    // It holds until the page is left.
  }
}
