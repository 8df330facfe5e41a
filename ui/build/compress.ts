import { gzipSync } from "node:zlib";

import type { Plugin } from "vite";

const TEXT = /\.(js|css|svg)$/;
const WORTH_IT = 1024;

/** Puts a `.gz` beside each text of the build, so that no server compresses it again and again. */
export function compress(): Plugin {
  return {
    name: "compress",
    apply: "build",
    generateBundle(_, bundle) {
      for (const [fileName, file] of Object.entries(bundle)) {
        const text = file.type === "chunk" ? file.code : file.source;
        if (!TEXT.test(fileName) || text.length < WORTH_IT) continue;
        this.emitFile({
          type: "asset",
          fileName: `${fileName}.gz`,
          source: gzipSync(text, { level: 9 }),
        });
      }
    },
  };
}
