import type { ComponentChildren } from "preact";

import { countText } from "../amount.ts";
import { useLanguage } from "../language.ts";
import { ownZone } from "../moment.ts";
import { useOperator } from "../operator.ts";
import { Card } from "../part/card.tsx";
import { Meter } from "../part/meter.tsx";
import { Times } from "../part/times.tsx";
import type { Quota } from "../reply.ts";

/** What is used, held and left of each limit at this moment. */
export function Standing({
  quota,
  children,
}: {
  readonly quota: Quota;
  readonly children: ComponentChildren;
}) {
  const { language, words } = useLanguage();
  const operator = useOperator();
  const { account, windows } = words;
  const amount = (minor: bigint | null): string =>
    minor === null ? words.unlimited : operator.amount(minor, quota.currency, language);
  const rows = [
    ["daily", quota.daily_used, quota.remaining_daily, quota.daily_limit],
    ["monthly", quota.monthly_used, quota.remaining_monthly, quota.monthly_limit],
    ["yearly", quota.yearly_used, quota.remaining_yearly, quota.yearly_limit],
  ] as const;
  return (
    <Card
      title={`${account.standing}, ${quota.currency}`}
      lead={
        quota.timezone === ownZone
          ? account.zoneOfMerchant(ownZone)
          : account.zonesOfBoth(quota.timezone, ownZone)
      }
    >
      {quota.is_suspended && (
        <p class="notice critical">
          <strong>{words.isSuspended}</strong> {quota.suspended_reason}
          <span class="under">
            {quota.suspended_by}
            {quota.suspended_at !== null && (
              <>
                {" · "}
                <Times at={quota.suspended_at} zone={quota.timezone} />
              </>
            )}
          </span>
        </p>
      )}
      <div class="scroll" tabIndex={0} role="region" aria-label={account.standing}>
        <table class="figures stacked">
          <thead>
            <tr>
              <th scope="col">{account.window}</th>
              <th scope="col">{account.used}</th>
              <th scope="col">{account.remaining}</th>
              <th scope="col">{account.limit}</th>
              <th scope="col">{account.share}</th>
              <th scope="col">{account.resets}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([window, used, remaining, limit]) => (
              <tr key={window}>
                <th scope="row">{windows[window]}</th>
                <td data-label={account.used}>{amount(used)}</td>
                <td data-label={account.remaining}>{amount(remaining)}</td>
                <td data-label={account.limit}>{amount(limit)}</td>
                <td class="meter-cell" data-label={account.share}>
                  <Meter
                    label={windows[window]}
                    used={used}
                    limit={limit}
                    held={quota.reserved_amount}
                  />
                </td>
                <td data-label={account.resets}>
                  <Times at={quota.resets_at[window]} zone={quota.timezone} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <dl class="facts">
        <Fact name={account.reserved} value={amount(quota.reserved_amount)} />
        <Fact name={account.pending} value={amount(quota.pending_amount)} />
        <Fact name={account.refundedToday} value={amount(quota.refunded_today)} />
        <Fact name={account.ordersToday} value={countText(quota.transactions_today, language)} />
        <Fact name={account.lastOrder} value={quota.last_order_no ?? "–"} />
      </dl>
      {children}
    </Card>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
