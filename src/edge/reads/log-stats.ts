import type { Row, Session, Statement } from "../../platform/database.ts";

/** Lines of one answer; then it says that it is truncated. */
const linesMax = 5_000;

/** Counts and sums of the log by time, currency, action and outcome. */
export const logStats: Statement = {
  name: "edge-log-stats",
  text: `
    select date_trunc($1::text, created_at, 'UTC') as "from", currency, action_type,
      case when success then 'accepted' else coalesce(failure_reason, 'refused') end as outcome,
      count(*) as count, sum(amount)::text as amount
    from quota_usage_logs_live
    where created_at >= $2::timestamptz and created_at < $3::timestamptz
      and ($4::text is null or merchant_id = $4)
    group by 1, 2, 3, 4
    order by 1, 2, 3, 4
    limit $5::integer`,
};

export interface LogStatsRequest {
  readonly groupBy: "hour" | "day" | "month";
  readonly from: Date;
  readonly to: Date;
  /** null = every merchant */
  readonly merchantId: string | null;
}

export interface LogStats {
  readonly items: readonly Row[];
  readonly truncated: boolean;
}

export async function readLogStats(reads: Session, request: LogStatsRequest): Promise<LogStats> {
  const { groupBy, from, to, merchantId } = request;
  const rows = await reads.run(logStats, [groupBy, from, to, merchantId, linesMax + 1]);
  // A sum of bigints is numeric, which arrives as text.
  const items = rows
    .slice(0, linesMax)
    .map((row) => ({ ...row, amount: BigInt(String(row["amount"])) }));
  return { items, truncated: rows.length > linesMax };
}
