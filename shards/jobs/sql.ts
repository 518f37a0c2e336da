import type { Statement } from "../../src/platform/database.ts";
import { canonicalEntry } from "../store/chain-sql.ts";

/** Rows that one statement of a job changes: bounds its time, and how long a checkpoint may wait for it. */
export const batchRowsMax = 1_000;

export const databaseTime: Statement = {
  name: "database_time",
  text: "select now() as now",
};

/** The zones of all keys, each with the earliest end of a day: two look-ups in the index for each. */
export const nextMidnights: Statement = {
  name: "next_midnights",
  text: `
    with recursive zones as (
      select min(timezone) as timezone from merchant_quotas
      union all
      select (select min(timezone) from merchant_quotas where timezone > zones.timezone)
      from zones where zones.timezone is not null
    )
    select timezone, (
      select min(daily_reset_at) from merchant_quotas where timezone = zones.timezone
    ) as reset_at
    from zones where timezone is not null`,
};

/**
 * Turns keys of the zone $1, whose day ended at $2 or before, to the periods $4 to $6, which end at $7 to $9: what a
 * turn of each would find, and an entry in the log at $3 where that empties something. ADR 0015 says why this may be
 * written beside the owners.
 *
 * In no order: to sort what is due, at midnight all keys of a zone, would cost each batch more than its own rows.
 *
 * Each entry goes on the chain of its key (ADR 0025). A key whose head a checkpoint holds is left for the next batch, so
 * that no sweep waits; one that has no head has entries from before there was a chain alone, and its entry is like them.
 *
 * Invariant: the version stays. A change that an owner has made, or will make, is of a higher version and wins.
 */
export const turnPeriods: Statement = {
  name: "turn_periods",
  text: `
    with touched as materialized (
      select quota.quota_key from journal_tail, unnest(journal_tail.quotas) as quota
    ),
    due as materialized (
      select * from merchant_quotas
      where timezone = $1 and daily_reset_at <= $2
        and split_part(daily_period, '+', 1) collate "C" <= $4
        and quota_key not in (select quota_key from touched)
      limit ${batchRowsMax}
      for update skip locked
    ),
    heads as materialized (
      select quota_key, shard, entries, hash from log_heads
      where quota_key in (select quota_key from due)
      for update skip locked
    ),
    turning as (
      select due.*, heads.entries + 1 as chain_no, heads.hash as chain_before,
        split_part(daily_period, '+', 1) collate "C" < $4 as day_ends,
        split_part(monthly_period, '+', 1) collate "C" < $5 as month_ends,
        split_part(yearly_period, '+', 1) collate "C" < $6 as year_ends
      from due left join heads using (quota_key, shard)
      where heads.quota_key is not null
        or not exists (select from log_heads as held where held.quota_key = due.quota_key)
    ),
    turned as (
      update merchant_quotas as quota set
        daily_period = case when day_ends then $4 else turning.daily_period end,
        monthly_period = case when month_ends then $5 else turning.monthly_period end,
        yearly_period = case when year_ends then $6 else turning.yearly_period end,
        daily_used = case when day_ends then 0 else turning.daily_used end,
        monthly_used = case when month_ends then 0 else turning.monthly_used end,
        yearly_used = case when year_ends then 0 else turning.yearly_used end,
        daily_reserved = case when day_ends then 0 else turning.daily_reserved end,
        monthly_reserved = case when month_ends then 0 else turning.monthly_reserved end,
        yearly_reserved = case when year_ends then 0 else turning.yearly_reserved end,
        refunded_today = case when day_ends then 0 else turning.refunded_today end,
        refunded_month = case when month_ends then 0 else turning.refunded_month end,
        refunded_year = case when year_ends then 0 else turning.refunded_year end,
        transactions_today = case when day_ends then 0 else turning.transactions_today end,
        transactions_month = case when month_ends then 0 else turning.transactions_month end,
        transactions_year = case when year_ends then 0 else turning.transactions_year end,
        daily_alerted = case when day_ends then 0 else turning.daily_alerted end,
        monthly_alerted = case when month_ends then 0 else turning.monthly_alerted end,
        yearly_alerted = case when year_ends then 0 else turning.yearly_alerted end,
        daily_reset_at = $7::timestamptz,
        monthly_reset_at = case
          when split_part(turning.monthly_period, '+', 1) collate "C" <= $5 then $8::timestamptz
          else turning.monthly_reset_at end,
        yearly_reset_at = case
          when split_part(turning.yearly_period, '+', 1) collate "C" <= $6 then $9::timestamptz
          else turning.yearly_reset_at end
      from turning
      where quota.quota_key = turning.quota_key and quota.shard = turning.shard
      returning quota.quota_key
    ),
    logged as (
      insert into quota_usage_logs (
        id, shard, merchant_id, currency, action_type, amount,
        daily_used_before, daily_used_after, monthly_used_before, monthly_used_after,
        yearly_used_before, yearly_used_after, pending_before, pending_after,
        reserved_before, reserved_after, daily_limit, monthly_limit, yearly_limit,
        limits_source, policy_version, charged_periods, success, operator_id, operator_type,
        metadata, version, created_at, chain_no, chain_before
      )
      select
        gen_random_uuid(), shard, merchant_id, currency, 'reset', 0,
        daily_used, case when day_ends then 0 else daily_used end,
        monthly_used, case when month_ends then 0 else monthly_used end,
        yearly_used, case when year_ends then 0 else yearly_used end,
        pending_amount, pending_amount, reserved_amount, reserved_amount,
        daily_limit, monthly_limit, yearly_limit, limits_source, policy_version,
        array[
          case when day_ends then $4 else daily_period end,
          case when month_ends then $5 else monthly_period end,
          case when year_ends then $6 else yearly_period end
        ],
        true, 'system', 'system',
        json_strip_nulls(json_build_object(
          'ended_day', case when day_ends then daily_period end,
          'ended_month', case when month_ends then monthly_period end,
          'ended_year', case when year_ends then yearly_period end
        )),
        version, $3::timestamptz, chain_no, chain_before
      from turning
      where day_ends and (daily_used > 0 or daily_reserved > 0 or refunded_today > 0 or transactions_today > 0)
        or month_ends and (monthly_used > 0 or monthly_reserved > 0 or refunded_month > 0 or transactions_month > 0)
        or year_ends and (yearly_used > 0 or yearly_reserved > 0 or refunded_year > 0 or transactions_year > 0)
      returning *
    ),
    ends as (
      select
        merchant_id || ' ' || currency as quota_key, shard, chain_no,
        sha256(chain_before || ${canonicalEntry}) as hash
      from logged
    ),
    chained as (
      update log_heads set entries = ends.chain_no, hash = ends.hash
      from ends
      where log_heads.quota_key = ends.quota_key and log_heads.shard = ends.shard
        and ends.chain_no is not null
    )
    select (select count(*) from turned) as keys, (select count(*) from logged) as entries`,
};

/** Drops the oldest month of the log that ended before $1, if there is one. */
export const dropLogPartition: Statement = {
  name: "drop_log_partition",
  text: "select drop_log_partition($1::timestamptz) as name",
};

/** Rows before $1 that lie in no month's partition. */
export const deleteOldLogs: Statement = {
  name: "delete_old_logs",
  text: `
    with old as (
      delete from quota_usage_logs_other where ctid = any (array(
        select ctid from quota_usage_logs_other where created_at < $1::timestamptz limit ${batchRowsMax}
      ))
      returning 1
    )
    select count(*) as rows from old`,
};

/**
 * Journal rows of closed writers that are in the tables: what was left when their end could not be tidied up. Of the
 * oldest rows of each writer alone, for what may go is at the front.
 */
export const deleteDeadJournal: Statement = {
  name: "delete_dead_journal",
  text: `
    with dead as (
      delete from journal where (writer_id, seq) in (
        select writers.writer_id, oldest.seq
        from writers join checkpoints using (writer_id)
          left join event_marks as mark using (writer_id),
        lateral (
          select seq, written_at from journal
          where journal.writer_id = writers.writer_id
          order by seq limit ${batchRowsMax}
        ) as oldest
        where writers.closed_at is not null and oldest.seq <= checkpoints.seq
          and (
            mark.seq is null or oldest.seq <= mark.seq
            or oldest.written_at <= now() - interval '24 hours'
          )
        limit ${batchRowsMax}
      )
      returning 1
    )
    select count(*) as rows from dead`,
};

/** Keys of one batch of the alert scan. */
const scannedKeysMax = 5_000;

/** The last key of the batch behind $1; null = the batch ends with the table. */
export const endOfKeys: Statement = {
  name: "end_of_keys",
  text: `
    select (
      select quota_key from merchant_quotas where quota_key > $1::text
      order by quota_key offset ${scannedKeysMax - 1} limit 1
    ) as quota_key`,
};

/**
 * Raises the alerts of the keys behind $1 up to $2: for each threshold ($4 percent, $5 level) what a running period at
 * $3 has used of the limit that is known now, or of the default ones ($6 to $8). The words are those of `alertImage`.
 */
export const alertsOfKeys: Statement = {
  name: "alerts_of_keys",
  text: `
    with scanned as (
      select quota.*,
        case when known.quota_key is null then $6::bigint else (known.limits->>'daily_limit')::bigint end as day_limit,
        case when known.quota_key is null then $7::bigint else (known.limits->>'monthly_limit')::bigint end as month_limit,
        case when known.quota_key is null then $8::bigint else (known.limits->>'yearly_limit')::bigint end as year_limit
      from merchant_quotas_live as quota left join quota_limits as known using (quota_key, shard)
      where quota.quota_key > $1::text and ($2::text is null or quota.quota_key <= $2)
    ),
    used as (
      select scanned.shard, merchant_id, currency, counted.*
      from scanned, lateral (values
        ('daily', daily_used, day_limit, daily_period, daily_reset_at),
        ('monthly', monthly_used, month_limit, monthly_period, monthly_reset_at),
        ('yearly', yearly_used, year_limit, yearly_period, yearly_reset_at)
      ) as counted (of_window, used, limit_amount, period, ends_at)
      where limit_amount > 0 and ends_at > $3::timestamptz
    ),
    raised as (
      insert into quota_alerts (
        id, shard, merchant_id, currency, alert_type, alert_level, message, current_used,
        limit_amount, usage_percent, period, created_at
      )
      select gen_random_uuid(), shard, merchant_id, currency, of_window || '_' || percent, level,
        format('%s use reached %s %% of the limit: %s of %s', of_window, percent, used, limit_amount),
        used, limit_amount, trunc(used::numeric * 100 / limit_amount, 2), period, $3
      from used, unnest($4::int[], $5::text[]) as threshold (percent, level)
      where used::numeric * 100 >= limit_amount::numeric * percent
      on conflict do nothing
      returning 1
    )
    select count(*) as raised from raised`,
};
