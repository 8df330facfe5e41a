import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { fieldNames } from "@/words/types/fields";
import { typeNames, typeSummaries } from "@/words/types/names";
import { useServerWords } from "@/words/useServerWords";

export interface Names {
  /** A task type's name as people say it. */
  readonly type: (name: string) => string;
  readonly summary: (name: string, own: string) => string;
  readonly field: (name: string) => string;
  /** What a field is for, by what its schema says. */
  readonly describe: (own: string) => string;
}

/** Names of task types and of their fields, in the page's language. */
export function useNames(): Names {
  const { i18n } = useTranslation();
  const language = i18n.language === "zh" ? "zh" : "en";
  const say = useServerWords();
  return useMemo(
    () => ({
      type: (name) => typeNames[language][name.split("@")[0] ?? name] ?? inWords(name),
      summary: (name, own) => (language === "zh" ? (typeSummaries[name] ?? own) : own),
      field: (name) => fieldNames[language][name] ?? inWords(name),
      describe: say,
    }),
    [language, say],
  );
}

/** A name as words: ``l2_norm`` is "L2 norm". */
export function inWords(name: string): string {
  const words = name.replace(/_(s|bytes)$/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
