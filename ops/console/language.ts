import { createContext } from "preact";
import { useContext } from "preact/hooks";

import { en } from "./word/en.ts";
import { zh } from "./word/zh.ts";

export const languages = ["en", "zh"] as const;
export type Language = (typeof languages)[number];

/** Everything that the page says. */
export type Words = typeof en;

const dictionaries: Readonly<Record<Language, Words>> = { en, zh };
const storedAs = "console-language";

/** The language chosen on this device; by default the first of the browser's that there is. */
export function chosenLanguage(): Language {
  const wanted = [localStorage.getItem(storedAs) ?? "", ...navigator.languages];
  for (const each of wanted) {
    const found = languages.find((language) => each.toLowerCase().startsWith(language));
    if (found) return found;
  }
  return "en";
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(storedAs, language);
}

export const LanguageContext = createContext<Language>("en");

export function useLanguage(): { readonly language: Language; readonly words: Words } {
  const language = useContext(LanguageContext);
  return { language, words: dictionaries[language] };
}
