import { useCallback } from "react";

import { useChoices } from "@/frame/choices";
import { server } from "@/words/zh/server";

/** Say what the server wrote in English in the page's language, where a translation is known. */
export function useServerWords(): (text: string) => string {
  const language = useChoices((choices) => choices.language);
  return useCallback((text) => (language === "zh" ? (server[text] ?? text) : text), [language]);
}
