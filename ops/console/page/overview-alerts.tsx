import { useLanguage } from "../language.ts";
import { distanceText } from "../moment.ts";
import { Card, Empty, Loaded } from "../part/card.tsx";
import type { Remote } from "../remote.ts";
import { hashOf } from "../route.ts";
import type { AlertPage } from "../reply.ts";

/** The newest alerts that nobody has resolved. */
export function OpenAlerts({
  alerts,
  shown,
}: {
  readonly alerts: Remote<AlertPage>;
  readonly shown: number;
}) {
  const { language, words } = useLanguage();
  return (
    <Card
      title={words.overview.openAlerts}
      lead={words.overview.alertsLead}
      aside={<a href={hashOf({ page: "alerts" })}>{words.overview.allAlerts}</a>}
    >
      <Loaded remote={alerts}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{words.overview.noAlerts}</Empty>
          ) : (
            <ul class="list">
              {items.slice(0, shown).map((alert) => (
                <li key={alert.id}>
                  <span class={`dot ${alert.alert_level}`} aria-hidden="true" />
                  <span class="what">
                    <a
                      class="name"
                      href={hashOf({ page: "merchant", merchant: alert.merchant_id })}
                    >
                      {alert.merchant_id}
                    </a>{" "}
                    <span class="tag">{alert.currency}</span>
                    <span class="under">
                      {words.levels[alert.alert_level] ?? alert.alert_level}:{" "}
                      {words.alertTypes(alert.alert_type)}
                    </span>
                  </span>
                  <time dateTime={alert.created_at}>
                    {distanceText(alert.created_at, Date.now(), language)}
                  </time>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}
