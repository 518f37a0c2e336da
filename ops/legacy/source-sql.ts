import type { Statement } from "../../src/platform/database.ts";

/*
 * The old service's database, read only. Every column but those that a row cannot do without is read through
 * `to_jsonb`, so that one which is not there reads as null. `offset 0` keeps Postgres from computing it once a column.
 */

/** One picture of everything, however long the migration takes; times without a zone are UTC. */
export const openSnapshot: readonly Statement[] = [
  {
    name: "legacy_snapshot",
    text: "set transaction isolation level repeatable read, read only",
  },
  { name: "legacy_utc", text: "set local timezone = 'UTC'" },
  // The migration may write for longer than this between two pages.
  { name: "legacy_patience", text: "set local idle_in_transaction_session_timeout = 0" },
  // Sorting a million rows is done in memory rather than in files.
  { name: "legacy_sort_memory", text: "set local work_mem = '128MB'" },
];

/** The columns without which nothing can be migrated, those that are missing. */
export const missingColumns: Statement = {
  name: "legacy_missing_columns",
  text: `
    select needed.table_name || '.' || needed.column_name as missing
    from (values
      ('merchant_limits', 'merchant_id'),
      ('limit_usage_logs', 'id'),
      ('limit_usage_logs', 'merchant_id'),
      ('limit_usage_logs', 'action_type'),
      ('limit_usage_logs', 'amount'),
      ('limit_usage_logs', 'created_at')
    ) as needed (table_name, column_name)
    where not exists (
      select from pg_attribute
      where attrelid = to_regclass(needed.table_name) and attname = needed.column_name and not attisdropped
    )
    order by 1`,
};

/** Merchants behind $1 (null = all), byte by byte. */
export const declareLimits: Statement = {
  name: "legacy_declare_limits",
  text: `
    declare legacy_limits no scroll cursor for
    select
      coalesce(legacy.merchant_id::text, '') collate "C" as merchant_id,
      whole.j ->> 'daily_used' as daily_used,
      whole.j ->> 'monthly_used' as monthly_used,
      whole.j ->> 'pending_amount' as pending_amount,
      whole.j ->> 'refunded_today' as refunded_today,
      (whole.j ->> 'daily_reset_at')::timestamptz as daily_reset_at,
      (whole.j ->> 'monthly_reset_at')::timestamptz as monthly_reset_at,
      (whole.j ->> 'is_suspended')::boolean as is_suspended,
      (whole.j ->> 'suspended_at')::timestamptz as suspended_at,
      whole.j ->> 'suspended_reason' as suspended_reason,
      (whole.j ->> 'created_at')::timestamptz as created_at,
      (whole.j ->> 'updated_at')::timestamptz as updated_at
    from merchant_limits as legacy, lateral (select to_jsonb(legacy) as j offset 0) as whole
    where whole.j ->> 'deleted_at' is null
      and ($1::text is null or coalesce(legacy.merchant_id::text, '') collate "C" > $1)
    order by 1`,
};

/** The log of the merchants behind $1 (null = all): of each merchant, oldest first. */
export const declareLogs: Statement = {
  name: "legacy_declare_logs",
  text: `
    declare legacy_logs no scroll cursor for
    select
      coalesce(legacy.merchant_id::text, '') collate "C" as merchant_id,
      legacy.id::text as id,
      legacy.action_type::text as action_type,
      legacy.amount::text as amount,
      case when isfinite(legacy.created_at)
        then floor(extract(epoch from legacy.created_at) * 1000000)::bigint
      end as created_us,
      whole.j ->> 'currency' as currency,
      whole.j ->> 'order_no' as order_no,
      whole.j ->> 'payment_no' as payment_no,
      whole.j ->> 'daily_limit_before' as daily_limit_before,
      whole.j ->> 'daily_used_before' as daily_used_before,
      whole.j ->> 'daily_used_after' as daily_used_after,
      whole.j ->> 'monthly_used_before' as monthly_used_before,
      whole.j ->> 'monthly_used_after' as monthly_used_after,
      (whole.j ->> 'success')::boolean as success,
      whole.j ->> 'failure_reason' as failure_reason,
      whole.j ->> 'metadata' as metadata
    from limit_usage_logs as legacy, lateral (select to_jsonb(legacy) as j offset 0) as whole
    where whole.j ->> 'deleted_at' is null
      and ($1::text is null or coalesce(legacy.merchant_id::text, '') collate "C" > $1)
    order by 1, legacy.created_at, legacy.id`,
};

export const fetchLimits: Statement = {
  name: "legacy_fetch_limits",
  text: "fetch forward 2000 from legacy_limits",
};

export const fetchLogs: Statement = {
  name: "legacy_fetch_logs",
  text: "fetch forward 2000 from legacy_logs",
};

export const closeLimits: Statement = {
  name: "legacy_close_limits",
  text: "close legacy_limits",
};

export const closeLogs: Statement = { name: "legacy_close_logs", text: "close legacy_logs" };

/** What the old service has, added up by its own database: what the result is held to. Only whole numbers can be added. */
export const limitSums: Statement = {
  name: "legacy_limit_sums",
  text: `
    select
      current_database() as source,
      count(*) as merchants,
      trunc(coalesce(sum((whole.j ->> 'daily_used')::numeric)
        filter (where whole.j ->> 'daily_used' ~ '^-?[0-9]+([.]0+)?$'), 0))::text as daily_used,
      trunc(coalesce(sum((whole.j ->> 'monthly_used')::numeric)
        filter (where whole.j ->> 'monthly_used' ~ '^-?[0-9]+([.]0+)?$'), 0))::text as monthly_used,
      trunc(coalesce(sum((whole.j ->> 'pending_amount')::numeric)
        filter (where whole.j ->> 'pending_amount' ~ '^-?[0-9]+([.]0+)?$'), 0))::text as pending_amount,
      trunc(coalesce(sum((whole.j ->> 'refunded_today')::numeric)
        filter (where whole.j ->> 'refunded_today' ~ '^-?[0-9]+([.]0+)?$'), 0))::text as refunded_today
    from merchant_limits as legacy, lateral (select to_jsonb(legacy) as j offset 0) as whole
    where whole.j ->> 'deleted_at' is null`,
};

export const logSums: Statement = {
  name: "legacy_log_sums",
  text: `
    select lower(coalesce(legacy.action_type::text, '')) as action, count(*) as log_rows,
      trunc(coalesce(sum(legacy.amount::numeric) filter (where legacy.amount::text ~ '^-?[0-9]+([.]0+)?$'), 0))::text as amount
    from limit_usage_logs as legacy, lateral (select to_jsonb(legacy) as j offset 0) as whole
    where whole.j ->> 'deleted_at' is null
    group by 1
    order by 1`,
};
