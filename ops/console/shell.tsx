import type { ComponentChildren } from "preact";

import { type Language, useLanguage } from "./language.ts";
import { type Operator, useOperator } from "./operator.ts";
import { type Route, hashOf, useRoute } from "./route.ts";
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
  const operator = useOperator();
  const { session } = operator;
  const { page } = useRoute();
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
        <nav aria-label={words.product}>
          <ul>
            {pagesOf(operator).map((route) => (
              <li key={route.page}>
                <a href={hashOf(route)} aria-current={route.page === page ? "page" : undefined}>
                  {words.pages[route.page]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
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

/** What the token lets its owner see. */
function pagesOf({ isAdmin, session }: Operator): readonly Route[] {
  const merchant = { page: "merchant", merchant: session.only_merchant } as const;
  return isAdmin
    ? [{ page: "overview" }, merchant, { page: "alerts" }, { page: "cluster" }]
    : [merchant];
}
