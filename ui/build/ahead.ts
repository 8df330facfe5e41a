import type { Plugin } from "vite";

const AHEAD = "/src/ahead.ts";

/** Has the document start `ahead.ts` by itself, before the scripts that import it are there. */
export function ahead(): Plugin {
  return {
    name: "ahead",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle = {} }) {
        const made = Object.values(bundle).find(
          (part) => part.type === "chunk" && part.moduleIds.some((id) => id.endsWith(AHEAD)),
        );
        if (made === undefined) throw new Error(`${AHEAD} is not in the build`);
        const attrs = { type: "module", async: true, crossorigin: true, src: `/${made.fileName}` };
        return [{ tag: "script", attrs, injectTo: "head" }];
      },
    },
  };
}
