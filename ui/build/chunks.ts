import type { Rolldown } from "vite";

/** What runs before the rest is there (`ahead.ts`), and so must not wait for the rest. */
const AHEAD = /\/src\/(ahead|asked|pages)\.ts|\/pages\/chains\/view\.ts|preload-helper/;
const SMALL = 30_000;

/**
 * Which scripts the build makes. Left alone, each set of pages that shares something has a script
 * for just that: some thirty small files for a first view, each of them a question and an answer.
 */
export const chunks: Rolldown.CodeSplittingOptions = {
  groups: [
    { name: "ahead", test: AHEAD, priority: 5 },
    { name: "frame", tags: ["$initial"], priority: 4 },
    { name: "parts", test: /\/src\/(parts|api)\/|\/@ant-design\/icons/, priority: 3 },
    { name: "ChainCanvas", test: /\/src\/graph\/|\/@xyflow\/|\/@dagrejs\//, priority: 2 },
    { name: "shared", minShareCount: 2, entriesAware: true, entriesAwareMergeThreshold: SMALL },
  ],
};

/** A shared script's own name would list all pages that load it. */
export function nameOf({ name }: Rolldown.PreRenderedChunk): string {
  return `assets/${name.startsWith("shared") ? "shared" : "[name]"}-[hash].js`;
}
