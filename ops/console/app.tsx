import { useMemo, useState } from "preact/hooks";

import type { Api } from "./api.ts";
import { chosenLanguage, chooseLanguage, type Language, LanguageContext } from "./language.ts";
import { Operator, OperatorContext, useOperator } from "./operator.ts";
import { AlertsPage } from "./page/alerts.tsx";
import { ClusterPage } from "./page/cluster.tsx";
import { MerchantPage } from "./page/merchant.tsx";
import { OverviewPage } from "./page/overview.tsx";
import type { Session } from "./reply.ts";
import { type Route, useRoute } from "./route.ts";
import { Shell } from "./shell.tsx";
import { SignIn } from "./sign-in.tsx";

interface SignedIn {
  readonly api: Api;
  readonly session: Session;
}

/** The whole page: who is signed in lives here, and nowhere else. */
export function App() {
  const [language, setLanguage] = useState<Language>(chosenLanguage);
  const [signedIn, setSignedIn] = useState<SignedIn | null>(null);
  const [hasExpired, setHasExpired] = useState(false);
  const [isLost, setIsLost] = useState(false);

  const operator = useMemo(() => {
    if (signedIn === null) return null;
    const api = signedIn.api.with((fault) => {
      setIsLost(fault?.code === "UNREACHED");
      if (fault?.code !== "UNAUTHENTICATED") return;
      setSignedIn(null);
      setHasExpired(true);
    });
    return new Operator(api, signedIn.session);
  }, [signedIn]);

  const choose = (next: Language): void => {
    chooseLanguage(next);
    document.documentElement.lang = next;
    setLanguage(next);
  };
  document.documentElement.lang = language;

  return (
    <LanguageContext.Provider value={language}>
      {operator === null ? (
        <SignIn
          hasExpired={hasExpired}
          onLanguage={choose}
          onSignIn={(api, session) => {
            setHasExpired(false);
            setIsLost(false);
            setSignedIn({ api, session });
          }}
        />
      ) : (
        <OperatorContext.Provider value={operator}>
          <Shell
            isLost={isLost}
            onLanguage={choose}
            onSignOut={() => {
              setSignedIn(null);
            }}
          >
            <Page />
          </Shell>
        </OperatorContext.Provider>
      )}
    </LanguageContext.Provider>
  );
}

function Page() {
  const route = useRoute();
  const { isAdmin, session } = useOperator();
  const own = session.only_merchant;
  if (!isAdmin) return <MerchantPage merchant={own ?? merchantOf(route)} />;
  switch (route.page) {
    case "overview":
      return <OverviewPage />;
    case "merchant":
      return <MerchantPage merchant={merchantOf(route)} />;
    case "alerts":
      return <AlertsPage />;
    case "cluster":
      return <ClusterPage />;
  }
}

function merchantOf(route: Route): string | null {
  return route.page === "merchant" ? route.merchant : null;
}
