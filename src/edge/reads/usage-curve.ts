import type { Standing } from "../../domain/outcome.ts";
import type { WindowName } from "../../domain/period.ts";
import type { Session, Statement } from "../../platform/database.ts";

/** Points of a whole period: about 100 to 190. */
const stepSeconds: Readonly<Record<WindowName, number>> = {
  daily: 900,
  monthly: 6 * 3_600,
  yearly: 2 * 86_400,
};

/** What was used at the end of each step of a period, as the last accepted entry of that step left it. */
export const usageCurve: Statement = {
  name: "edge-usage-curve",
  text: `
    select distinct on (step) step, created_at, used
    from (
      select floor(extract(epoch from created_at - $3::timestamptz) / $5::integer) as step,
        created_at, version,
        case $6::text when 'daily' then daily_used_after when 'monthly' then monthly_used_after
          else yearly_used_after end as used
      from quota_usage_logs_live
      where merchant_id = $1 and currency = $2 and success
        and created_at >= $3::timestamptz and created_at < $4::timestamptz
    ) as stepped
    order by step, version desc, created_at desc`,
};

export interface Curve {
  readonly from: Date;
  readonly to: Date;
  readonly at: Date;
  readonly limit: bigint | null;
  readonly points: readonly { readonly at: Date; readonly used: bigint }[];
}

/** How what stands came about in its running period: from nothing, by the log, to what the owner says. */
export async function readUsageCurve(
  listings: Session,
  { quota, limits, calendar, at }: Standing,
  window: WindowName,
): Promise<Curve> {
  const { startsAt, endsAt } = calendar[window];
  const [from, to, now] = [new Date(startsAt), new Date(endsAt), new Date(at)];
  const { merchantId, currency } = quota.key;
  const values = [merchantId, currency, from, to, stepSeconds[window], window];
  const rows = await listings.run(usageCurve, values);
  const steps = rows.map(({ created_at: createdAt, used }) => ({
    at: createdAt instanceof Date ? createdAt : from,
    used: BigInt(String(used)),
  }));
  return {
    from,
    to,
    at: now,
    limit: limits.windows[window],
    points: [{ at: from, used: 0n }, ...steps, { at: now, used: quota.windows[window].used }],
  };
}
