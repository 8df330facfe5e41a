import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { ahead } from "./build/ahead.ts";
import { chunks, nameOf } from "./build/chunks.ts";
import { compress } from "./build/compress.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [react(), ahead(), compress()],
  resolve: { alias: { "@": here("./src") } },
  build: {
    // Served by the orchestrator, and shipped in the wheel.
    outDir: here("../src/secretflow_worker/orchestrator/static"),
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // the page's Content-Security-Policy allows no data: scripts or fonts
    chunkSizeWarningLimit: 1000,
    rolldownOptions: { output: { codeSplitting: chunks, chunkFileNames: nameOf } },
  },
  server: {
    fs: { allow: [here(".."), here(".")] }, // the pages of errors are those of the documentation
    proxy: { "/api": process.env.SFW_API ?? "http://127.0.0.1:8000" },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["build/test-setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    testTimeout: 20_000,
  },
});
