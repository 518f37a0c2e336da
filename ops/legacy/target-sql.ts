import type { Statement } from "../../src/platform/database.ts";

/**
 * Keeps writers from opening until the transaction ends. A node that starts meanwhile waits for the round that is on
 * its way; the next round finds its writer open, and stops.
 */
export const keepWritersShut: Statement = {
  name: "legacy_keep_writers_shut",
  text: "lock table writers in share mode",
};

export const openWriters: Statement = {
  name: "legacy_open_writers",
  text: "select node from writers where closed_at is null order by writer_id limit 10",
};

export const countedShards: Statement = {
  name: "legacy_counted_shards",
  text: "select count(*) as shards from shards",
};

export const tablesThere: Statement = {
  name: "legacy_tables_there",
  text: `
    select to_regclass('writers') is not null as writers,
      to_regclass('legacy_migration') is not null as mark`,
};

export const readMark: Statement = {
  name: "legacy_read_mark",
  text: `
    select source, currency, timezone, as_of, last_merchant_id, merchants, orders, log_rows, finished_at
    from legacy_migration`,
};

export const startMark: Statement = {
  name: "legacy_start_mark",
  text: `
    insert into legacy_migration (shard, source, currency, timezone, as_of) values (0, $1, $2, $3, $4)
    on conflict do nothing`,
};

/** Two at once would write everything twice: the second waits here, and then finds that the mark has moved. */
export const holdMark: Statement = {
  name: "legacy_hold_mark",
  text: `
    select finished_at from legacy_migration
    where last_merchant_id is not distinct from $1::text for update`,
};

export const moveMark: Statement = {
  name: "legacy_move_mark",
  text: `
    update legacy_migration set
      last_merchant_id = $1,
      merchants = merchants + $2,
      orders = orders + $3,
      log_rows = log_rows + $4,
      finished_at = case when $5 then now() end`,
};

/** A month's partition, if the month has none and no rows in the catch-all. */
export const makeMonth: Statement = {
  name: "legacy_make_month",
  text: "select make_log_partitions($1::timestamptz, 1)",
};

/** A key that is in use here already is left alone. @returns the keys that were written */
export const insertQuotas: Statement = {
  name: "legacy_insert_quotas",
  text: `
    insert into merchant_quotas
    select made.* from json_populate_recordset(null::merchant_quotas, $1::json) as made
    on conflict do nothing
    returning quota_key`,
};

export const insertOrders: Statement = {
  name: "legacy_insert_orders",
  text: `
    insert into quota_orders
    select made.* from json_populate_recordset(null::quota_orders, $1::json) as made
    on conflict do nothing`,
};

export const insertLogs: Statement = {
  name: "legacy_insert_logs",
  text: `
    insert into quota_usage_logs
    select made.* from json_populate_recordset(null::quota_usage_logs, $1::json) as made`,
};

/** What stands here of some keys. */
export const quotasHere: Statement = {
  name: "legacy_quotas_here",
  text: `
    select quota_key, version, last_updated_by, daily_used, monthly_used, pending_amount, refunded_today
    from merchant_quotas where quota_key = any($1::text[])`,
};

/** The migrated log rows: no entry of this service has both this operator and version 0. */
export const logsHere: Statement = {
  name: "legacy_logs_here",
  text: `
    select action_type as action, count(*) as log_rows, coalesce(sum(amount), 0)::text as amount
    from quota_usage_logs where operator_id = $1 and version = 0
    group by 1`,
};
