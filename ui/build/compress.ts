import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import type { Plugin } from "vite";

const TEXT = /\.(js|css|svg)$/;
const WORTH_IT = 1024;

/** Puts a `.gz` beside each text of the build, so that no server compresses it again and again. */
export function compress(): Plugin {
  return {
    name: "compress",
    apply: "build",
    // What is written, not the bundle: other plugins change it up to the last moment.
    writeBundle({ dir }, bundle) {
      for (const fileName of Object.keys(bundle)) {
        const path = join(dir ?? ".", fileName);
        if (!TEXT.test(fileName)) continue;
        const text = readFileSync(path);
        if (text.length >= WORTH_IT) writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
      }
    },
  };
}
