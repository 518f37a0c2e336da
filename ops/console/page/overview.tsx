import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import { useRemote } from "../remote.ts";
import { useLive } from "../use-live.ts";
import { CurrencyTable } from "./overview-currencies.tsx";
import { Flow } from "./overview-flow.tsx";
import { HealthParts } from "./overview-health.tsx";
import { NearestKeys } from "./overview-nearest.tsx";
import { OpenAlerts } from "./overview-alerts.tsx";
import { Refusals } from "./overview-refusals.tsx";
import { Tiles } from "./overview-tiles.tsx";

const topKeys = 8;
const statsEveryMs = 10_000;
const healthEveryMs = 5_000;
const alertsShown = 5;
/** What a page of alerts can hold: over it, a number of them is "at least". */
const alertsCounted = 200;

/** How everything is, at a glance. */
export function OverviewPage() {
  const { words } = useLanguage();
  const { api } = useOperator();
  const live = useLive(api);
  const stats = useRemote(() => api.quotaStats(topKeys), "stats", statsEveryMs);
  const health = useRemote(() => api.health(), "health", healthEveryMs);
  const alerts = useRemote(
    () => api.unresolvedAlerts({ limit: alertsCounted }),
    "alerts",
    statsEveryMs,
  );
  return (
    <>
      <h1 class="unseen">{words.pages.overview}</h1>
      <Tiles live={live} alerts={alerts.value} />
      <div class="cards">
        <div class="stack">
          <Flow live={live} />
          <NearestKeys stats={stats} />
          <CurrencyTable stats={stats} />
        </div>
        <div class="stack">
          <Refusals live={live} />
          <OpenAlerts alerts={alerts} shown={alertsShown} />
          <HealthParts health={health} />
        </div>
      </div>
    </>
  );
}
