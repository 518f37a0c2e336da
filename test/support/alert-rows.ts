import type { Database } from "../../src/platform/database.ts";
import { sql } from "./store-contract.ts";

/** Alerts numbered from … to in the table, each a second later, as whatever path brings them there. */
export async function raise(database: Database, from: number, to = from): Promise<void> {
  await database.reads.run(
    sql(`
      insert into quota_alerts (id, shard, merchant_id, currency, alert_type, alert_level, message,
        current_used, limit_amount, usage_percent, period, created_at)
      select ('0199a1de-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 3, 'M-1', 'USD', 'daily_' || n,
        'warning', 'number ' || n, 9223372036854775807, 100, 80, '2026-11-22',
        timestamptz '2026-11-22T12:00:00Z' + n * interval '1 second'
      from generate_series($1::int, $2::int) as n`),
    [from, to],
  );
}
