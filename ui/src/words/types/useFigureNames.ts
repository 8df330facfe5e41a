import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import { figureNames } from "@/words/types/figures";
import { inWords } from "@/words/types/useNames";

/** Names of a result's figures in the page's language: `bin_counts.age` is "Bins of age". */
export function useFigureNames(): (path: string) => string {
  const { t, i18n } = useTranslation();
  const language = i18n.language === "zh" ? "zh" : "en";
  return useCallback(
    (path) => {
      const [name = "", ...of] = path.split(".");
      const known = figureNames[language][name] ?? inWords(name);
      return of.length === 0 ? known : t("results.figureOf", { figure: known, of: of.join(".") });
    },
    [t, language],
  );
}
