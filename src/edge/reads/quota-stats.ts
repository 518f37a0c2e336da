import type { Row, Session, Statement } from "../../platform/database.ts";

/*
 * The tables keep a window until its key is used again, so a window that has ended counts as unused here.
 * The rate of a key is its highest share of a limit in ten-thousandths, as in the domain's forecast.
 */

/** What stands in each currency at a time. */
export const quotaStatsByCurrency: Statement = {
  name: "edge-quota-stats-by-currency",
  text: `
    with running as (
      select currency, is_suspended, daily_limit, monthly_limit, yearly_limit,
        case when daily_reset_at > $1::timestamptz then daily_used else 0 end as daily_used,
        case when monthly_reset_at > $1::timestamptz then monthly_used else 0 end as monthly_used,
        case when yearly_reset_at > $1::timestamptz then yearly_used else 0 end as yearly_used
      from merchant_quotas_live
    ), rated as (
      select currency, is_suspended, daily_used, monthly_used, yearly_used,
        greatest(
          case when daily_limit > 0 then daily_used::numeric * 10000 / daily_limit
            when daily_limit = 0 and daily_used > 0 then 10000 else 0 end,
          case when monthly_limit > 0 then monthly_used::numeric * 10000 / monthly_limit
            when monthly_limit = 0 and monthly_used > 0 then 10000 else 0 end,
          case when yearly_limit > 0 then yearly_used::numeric * 10000 / yearly_limit
            when yearly_limit = 0 and yearly_used > 0 then 10000 else 0 end
        ) as rate
      from running
    )
    select currency, count(*) as merchants,
      sum(daily_used)::text as daily_used, sum(monthly_used)::text as monthly_used,
      sum(yearly_used)::text as yearly_used,
      count(*) filter (where rate >= 8000) as near_limit,
      count(*) filter (where rate >= 10000) as exhausted,
      count(*) filter (where is_suspended) as suspended
    from rated
    group by currency
    order by currency`,
};

/** The keys that are nearest to a limit, the nearest first. */
export const quotaStatsTop: Statement = {
  name: "edge-quota-stats-top",
  text: `
    with running as (
      select merchant_id, currency, is_suspended, daily_limit, monthly_limit, yearly_limit,
        case when daily_reset_at > $1::timestamptz then daily_used else 0 end as daily_used,
        case when monthly_reset_at > $1::timestamptz then monthly_used else 0 end as monthly_used,
        case when yearly_reset_at > $1::timestamptz then yearly_used else 0 end as yearly_used
      from merchant_quotas_live
    ), rated as (
      select merchant_id, currency, is_suspended, daily_used, monthly_used, yearly_used,
        daily_limit, monthly_limit, yearly_limit,
        trunc(greatest(
          case when daily_limit > 0 then daily_used::numeric * 10000 / daily_limit
            when daily_limit = 0 and daily_used > 0 then 10000 else 0 end,
          case when monthly_limit > 0 then monthly_used::numeric * 10000 / monthly_limit
            when monthly_limit = 0 and monthly_used > 0 then 10000 else 0 end,
          case when yearly_limit > 0 then yearly_used::numeric * 10000 / yearly_limit
            when yearly_limit = 0 and yearly_used > 0 then 10000 else 0 end
        )) as rate
      from running
    )
    select merchant_id, currency, is_suspended, rate::text as rate,
      daily_used::text as daily_used, monthly_used::text as monthly_used,
      yearly_used::text as yearly_used, daily_limit, monthly_limit, yearly_limit
    from rated
    where rate > 0
    order by rated.rate desc, merchant_id, currency
    limit $2::integer`,
};

export interface QuotaStats {
  readonly currencies: readonly Row[];
  readonly top: readonly Row[];
}

export async function readQuotaStats(reads: Session, at: Date, top: number): Promise<QuotaStats> {
  const [currencies, highest] = await Promise.all([
    reads.run(quotaStatsByCurrency, [at]),
    reads.run(quotaStatsTop, [at, top]),
  ]);
  return {
    currencies: currencies.map(withExactSums),
    top: highest.map((row) => ({
      ...withExactSums(row),
      usage_rate: Number(row["rate"]) / 10_000,
    })),
  };
}

/** A sum of bigints is numeric, which arrives as text. */
function withExactSums(row: Row): Row {
  return {
    ...row,
    daily_used: BigInt(String(row["daily_used"])),
    monthly_used: BigInt(String(row["monthly_used"])),
    yearly_used: BigInt(String(row["yearly_used"])),
  };
}
