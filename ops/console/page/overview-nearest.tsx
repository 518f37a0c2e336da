import { useLanguage } from "../language.ts";
import { Card, Empty, Loaded } from "../part/card.tsx";
import { hashOf } from "../route.ts";
import { Meter } from "../part/meter.tsx";
import type { Remote } from "../remote.ts";
import type { QuotaStats } from "../reply.ts";

/** The keys that are nearest to a limit, each with its day, month and year. */
export function NearestKeys({ stats }: { readonly stats: Remote<QuotaStats> }) {
  const { words } = useLanguage();
  const { windows } = words;
  return (
    <Card title={words.overview.nearest} lead={words.overview.nearestLead}>
      <Loaded remote={stats}>
        {({ top }) =>
          top.length === 0 ? (
            <Empty>{words.overview.nobody}</Empty>
          ) : (
            <table class="keys">
              <thead>
                <tr>
                  <th scope="col">{words.merchant}</th>
                  <th scope="col">{windows.daily}</th>
                  <th scope="col">{windows.monthly}</th>
                  <th scope="col">{windows.yearly}</th>
                </tr>
              </thead>
              <tbody>
                {top.map((key) => (
                  <tr key={`${key.merchant_id} ${key.currency}`}>
                    <th scope="row">
                      <a
                        class="name"
                        href={hashOf({ page: "merchant", merchant: key.merchant_id })}
                      >
                        {key.merchant_id}
                      </a>{" "}
                      <span class="tag">{key.currency}</span>
                      {key.is_suspended && <span class="tag critical">{words.isSuspended}</span>}
                    </th>
                    <td data-label={windows.daily}>
                      <Meter label={windows.daily} used={key.daily_used} limit={key.daily_limit} />
                    </td>
                    <td data-label={windows.monthly}>
                      <Meter
                        label={windows.monthly}
                        used={key.monthly_used}
                        limit={key.monthly_limit}
                      />
                    </td>
                    <td data-label={windows.yearly}>
                      <Meter
                        label={windows.yearly}
                        used={key.yearly_used}
                        limit={key.yearly_limit}
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Loaded>
    </Card>
  );
}
