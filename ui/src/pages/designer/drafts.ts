import type { Places } from "@/graph/model";
import { readYaml } from "@/pages/designer/document/yaml";

/** Work that is not saved as a version, as this browser keeps it. */
export interface KeptDraft {
  readonly text: string;
  readonly places: Places | undefined;
  /** The version that it was begun with; 0 for a new chain. */
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const keyOf = (chainId: string | undefined) => `sfw.draft.${chainId ?? "new"}`;
const placesOf = (chainId: string) => `sfw.places.${chainId}`;

/** Keep a draft, or forget it. */
export function keepDraft(chainId: string | undefined, draft: KeptDraft | undefined): void {
  store(keyOf(chainId), draft);
}

/** Return what was left unsaved of a chain, if it can still be read. */
export function keptDraft(chainId: string | undefined): KeptDraft | undefined {
  const kept = load(keyOf(chainId)) as Partial<KeptDraft> | undefined;
  if (typeof kept?.text !== "string" || typeof kept.at !== "number") return undefined;
  if (readYaml(kept.text).chain === undefined) return undefined;
  return { text: kept.text, places: kept.places, version: kept.version ?? 0, at: kept.at };
}

/** Keep where a stored chain's tasks were put by hand; the document has no place for it. */
export function keepPlaces(chainId: string, places: Places | undefined): void {
  store(placesOf(chainId), places);
}

export function keptPlaces(chainId: string): Places | undefined {
  const kept = load(placesOf(chainId));
  return typeof kept === "object" && kept !== null ? (kept as Places) : undefined;
}

function store(key: string, value: unknown): void {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Storage is full or closed to us: the page itself still has the work.
  }
}

function load(key: string): unknown {
  try {
    const kept = localStorage.getItem(key);
    return kept === null ? undefined : JSON.parse(kept);
  } catch {
    return undefined;
  }
}
