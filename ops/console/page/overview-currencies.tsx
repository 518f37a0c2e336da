import { countText } from "../amount.ts";
import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import { Card, Empty, Loaded } from "../part/card.tsx";
import type { Remote } from "../remote.ts";
import type { QuotaStats } from "../reply.ts";

/** What stands in each currency. */
export function CurrencyTable({ stats }: { readonly stats: Remote<QuotaStats> }) {
  const { language, words } = useLanguage();
  const operator = useOperator();
  const { overview } = words;
  return (
    <Card title={overview.currencies}>
      <Loaded remote={stats}>
        {({ currencies }) =>
          currencies.length === 0 ? (
            <Empty>{overview.nobody}</Empty>
          ) : (
            <div class="scroll" tabIndex={0} role="region" aria-label={overview.currencies}>
              <table class="figures">
                <thead>
                  <tr>
                    <th scope="col">{words.currency}</th>
                    <th scope="col">{overview.usedToday}</th>
                    <th scope="col">{overview.merchants}</th>
                    <th scope="col" title={overview.nearHint}>
                      {overview.near}
                    </th>
                    <th scope="col" title={overview.exhaustedHint}>
                      {overview.exhausted}
                    </th>
                    <th scope="col">{overview.suspended}</th>
                  </tr>
                </thead>
                <tbody>
                  {currencies.map((each) => (
                    <tr key={each.currency}>
                      <th scope="row">{each.currency}</th>
                      <td>{operator.amount(each.daily_used, each.currency, language)}</td>
                      <td>{countText(each.merchants, language)}</td>
                      <td>{countText(each.near_limit, language)}</td>
                      <td>{countText(each.exhausted, language)}</td>
                      <td>{countText(each.suspended, language)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
    </Card>
  );
}
