import { countText } from "../amount.ts";
import { useLanguage } from "../language.ts";
import { useOperator } from "../operator.ts";
import { Card } from "../part/card.tsx";
import { Pairs } from "../part/pairs.tsx";
import type { Quota } from "../reply.ts";

/** The limits in force, and where they come from. */
export function Limits({ quota }: { readonly quota: Quota }) {
  const { language, words } = useLanguage();
  const operator = useOperator();
  const { account } = words;
  const amount = (minor: bigint | null): string =>
    minor === null ? words.unlimited : operator.amount(minor, quota.currency, language);
  const count = (orders: number | null): string =>
    orders === null ? words.unlimited : countText(orders, language);
  const rows: readonly (readonly [name: string, value: string])[] = [
    [words.windows.daily, amount(quota.daily_limit)],
    [words.windows.monthly, amount(quota.monthly_limit)],
    [words.windows.yearly, amount(quota.yearly_limit)],
    [account.singleMin, amount(quota.single_min)],
    [account.singleMax, amount(quota.single_max)],
    [account.maxPending, amount(quota.max_pending_amount)],
    [account.maxRefundDaily, amount(quota.max_refund_daily)],
    [account.maxRefundMonthly, amount(quota.max_refund_monthly)],
    [account.maxOrdersDaily, count(quota.max_transactions_daily)],
    [account.maxOrdersMonthly, count(quota.max_transactions_monthly)],
  ];
  const source = account.sources[quota.limits_source] ?? quota.limits_source;
  return (
    <Card
      title={account.limits}
      lead={quota.policy_version === null ? source : `${source} · ${quota.policy_version}`}
    >
      <Pairs rows={rows} />
    </Card>
  );
}
