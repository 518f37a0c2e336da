import type { ComponentChildren } from "preact";

import { type Language, useLanguage } from "./language.ts";
import { useOperator } from "./operator.ts";
import { Brand, LanguageChoice, ThemeChoice } from "./part/chrome.tsx";

/** What stands around every page. */
export function Shell({
  isLost,
  onLanguage,
  onSignOut,
  children,
}: {
  readonly isLost: boolean;
  readonly onLanguage: (language: Language) => void;
  readonly onSignOut: () => void;
  readonly children: ComponentChildren;
}) {
  const { words } = useLanguage();
  const { session } = useOperator();
  return (
    <div class="shell">
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("content")?.focus();
        }}
      >
        {words.skip}
      </a>
      <header class="top">
        <Brand />
        <div class="choices">
          <LanguageChoice onLanguage={onLanguage} />
          <ThemeChoice />
          <button type="button" class="quiet" onClick={onSignOut} title={session.user_id}>
            {words.signOut}
          </button>
        </div>
      </header>
      <div aria-live="polite">{isLost && <p class="lost">{words.lost}</p>}</div>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
