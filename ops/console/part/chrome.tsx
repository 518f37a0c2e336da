import { useState } from "preact/hooks";

import { type Language, languages, useLanguage } from "../language.ts";
import { chooseTheme, chosenTheme, themes } from "../theme.ts";

export function Brand() {
  const { words } = useLanguage();
  return (
    <span class="brand">
      <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
        <path class="brand-all" d="M4 24a12 12 0 0 1 24 0" />
        <path class="brand-used" d="M4 24a12 12 0 0 1 16.5-11.1" />
      </svg>
      {words.product}
    </span>
  );
}

/** The languages have no word order of their own: each is named in itself. */
const languageNames: Readonly<Record<Language, string>> = { en: "English", zh: "中文" };

export function LanguageChoice({
  onLanguage,
}: {
  readonly onLanguage: (language: Language) => void;
}) {
  const { language, words } = useLanguage();
  return (
    <label class="choice">
      <span class="unseen">{words.language}</span>
      <select
        value={language}
        onChange={({ currentTarget: { value } }) => {
          const chosen = languages.find((each) => each === value);
          if (chosen) onLanguage(chosen);
        }}
      >
        {languages.map((each) => (
          <option key={each} value={each}>
            {languageNames[each]}
          </option>
        ))}
      </select>
    </label>
  );
}

export function ThemeChoice() {
  const { words } = useLanguage();
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <label class="choice">
      <span class="unseen">{words.theme}</span>
      <select
        value={theme}
        onChange={({ currentTarget: { value } }) => {
          const chosen = themes.find((each) => each === value);
          if (!chosen) return;
          chooseTheme(chosen);
          setTheme(chosen);
        }}
      >
        {themes.map((each) => (
          <option key={each} value={each}>
            {words.themes[each]}
          </option>
        ))}
      </select>
    </label>
  );
}
