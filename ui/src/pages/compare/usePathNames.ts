import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import { fieldNames } from "@/words/types/fields";
import { figureNames } from "@/words/types/figures";
import { typeNames } from "@/words/types/names";
import { inWords } from "@/words/types/useNames";

/** Parts that only hold others together. */
const BETWEEN = new Set(["params", "metrics", "training_metrics", "options"]);

/** Names of settings and figures by their path: `lr.params.l2_norm` is "L2 weight" of `lr`. */
export function usePathNames(): (path: string) => { readonly name: string; readonly of: string } {
  const { i18n } = useTranslation();
  const language = i18n.language === "zh" ? "zh" : "en";
  return useCallback(
    (path) => {
      const parts = path.split(".").filter((part) => !BETWEEN.has(part));
      const [task = path, field, ...rest] = parts;
      if (field === undefined) return { name: inWords(task), of: "" };
      const known = fieldNames[language][field] ?? figureNames[language][field] ?? inWords(field);
      return { name: [known, ...rest].join(" · "), of: typeNames[language][task] ?? task };
    },
    [language],
  );
}
