import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import type { Language } from "@/frame/choices";
import { en } from "@/words/en";

export type { Language } from "@/frame/choices";

/** Every text of the page comes from one catalogue per language; a key that zh lacks does not compile. */
export const words = i18next.createInstance();

void words.use(initReactI18next).init({
  resources: { en: { translation: en } },
  lng: "en",
  fallbackLng: "en",
  interpolation: { escapeValue: false }, // React escapes
});

let wanted: Language = "en";

/** Speak a language. The Chinese words are loaded when somebody reads them, and not before. */
export async function speak(language: Language): Promise<void> {
  wanted = language;
  if (language === "zh" && !words.hasResourceBundle("zh", "translation")) {
    try {
      const { zh } = await import("@/words/zh");
      words.addResourceBundle("zh", "translation", zh);
    } catch {
      return; // without the network it goes on in English
    }
  }
  if (language === wanted) await words.changeLanguage(language);
}
