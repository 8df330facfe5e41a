import { useMemo } from "react";
import { useTranslation } from "react-i18next";

import { fieldDescriptions } from "@/words/types/descriptions";
import { fieldNames } from "@/words/types/fields";
import { typeNames, typeSummaries } from "@/words/types/names";

export interface Names {
  /** A task type's name as people say it. */
  readonly type: (name: string) => string;
  readonly summary: (name: string, own: string) => string;
  readonly field: (name: string) => string;
  /** What a field is for; `own` is what its schema says. */
  readonly describe: (name: string, own: string) => string;
}

/** Names of task types and of their fields, in the page's language. */
export function useNames(): Names {
  const { i18n } = useTranslation();
  const language = i18n.language === "zh" ? "zh" : "en";
  return useMemo(
    () => ({
      type: (name) => typeNames[language][name.split("@")[0] ?? name] ?? inWords(name),
      summary: (name, own) => (language === "zh" ? (typeSummaries[name] ?? own) : own),
      field: (name) => fieldNames[language][name] ?? inWords(name),
      describe: (name, own) => (language === "zh" ? (fieldDescriptions[name] ?? own) : own),
    }),
    [language],
  );
}

/** A name as words: ``l2_norm`` is "L2 norm". */
export function inWords(name: string): string {
  const words = name.replace(/_(s|bytes)$/, "").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
