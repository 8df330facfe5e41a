import "@fontsource-variable/ibm-plex-sans/wght.css";
import "@fontsource/ibm-plex-mono/latin-400.css";
import "@/frame/base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "@/App";
import { useChoices } from "@/frame/choices";
import { passPolicy } from "@/frame/nonce";
import { speak } from "@/words";

passPolicy();
const root = document.getElementById("root");
if (root) {
  // In its own language from the first paint on.
  void speak(useChoices.getState().language).then(() =>
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    ),
  );
}
