import { useRef, useState } from "preact/hooks";

import { Api, ApiFault } from "./api.ts";
import { type Language, useLanguage } from "./language.ts";
import { Brand, LanguageChoice, ThemeChoice } from "./part/chrome.tsx";
import type { Session } from "./reply.ts";

const howTo = "npx quotactl token --user-type admin";

/** Takes a token, and asks the service whose it is. */
export function SignIn({
  hasExpired,
  onLanguage,
  onSignIn,
}: {
  readonly hasExpired: boolean;
  readonly onLanguage: (language: Language) => void;
  readonly onSignIn: (api: Api, session: Session) => void;
}) {
  const { words } = useLanguage();
  const [fault, setFault] = useState(hasExpired ? words.signIn.expired : "");
  const [isAsking, setIsAsking] = useState(false);
  const field = useRef<HTMLInputElement>(null);

  const submit = async (): Promise<void> => {
    // A token is pasted with whatever stood around it.
    const token = (field.current?.value ?? "").trim().replace(/^Bearer\s+/i, "");
    if (token === "" || isAsking) {
      setFault(words.signIn.empty);
      field.current?.focus();
      return;
    }
    setIsAsking(true);
    try {
      const api = new Api(token);
      onSignIn(api, await api.session());
    } catch (error) {
      const code = error instanceof ApiFault ? error.code : "";
      setFault(code === "FORBIDDEN" ? words.signIn.noRight : (words.faults[code] ?? String(error)));
      setIsAsking(false);
      field.current?.focus();
    }
  };

  return (
    <div class="sign-in">
      <header>
        <Brand />
        <div class="choices">
          <LanguageChoice onLanguage={onLanguage} />
          <ThemeChoice />
        </div>
      </header>
      <main>
        <form
          class="card"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <h1>{words.signIn.title}</h1>
          <p class="lead">{words.signIn.lead}</p>
          <label for="token">{words.signIn.token}</label>
          <input
            id="token"
            ref={field}
            type="password"
            autocomplete="off"
            spellcheck={false}
            aria-invalid={fault !== ""}
            aria-describedby="token-fault"
          />
          <p id="token-fault" class="fault" role="alert">
            {fault}
          </p>
          <button type="submit" class="primary" aria-busy={isAsking}>
            {words.signIn.submit}
          </button>
          <p class="hint">
            {words.signIn.how}
            <code>{howTo}</code>
          </p>
        </form>
      </main>
    </div>
  );
}
