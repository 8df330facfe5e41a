import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import { useChoices } from "@/frame/choices";
import { en } from "@/words/en";
import { zh } from "@/words/zh";

export type { Language } from "@/frame/choices";

/** Every text of the page comes from one catalogue per language; a key that zh lacks does not compile. */
export const words = i18next.createInstance();

void words.use(initReactI18next).init({
  resources: { en: { translation: en }, zh: { translation: zh } },
  lng: useChoices.getState().language,
  fallbackLng: "en",
  interpolation: { escapeValue: false }, // React escapes
});
