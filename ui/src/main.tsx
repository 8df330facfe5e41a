import "antd/dist/antd.css";
import "@fontsource-variable/ibm-plex-sans/wght.css";
import "@fontsource/ibm-plex-mono/latin-400.css";
import "@/frame/base.css";
import "@/ahead";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "@/App";
import { useChoices } from "@/frame/choices";
import { passPolicy } from "@/frame/nonce";
import { speak } from "@/words";

passPolicy();
// `ahead.ts` has this run as soon as it is there, be the document so or not.
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
else begin();

function begin(): void {
  const root = document.getElementById("root");
  if (!root) return;
  // In its own language from the first paint on.
  void speak(useChoices.getState().language).then(() =>
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    ),
  );
}
