import type { Statement } from "../../src/platform/database.ts";
import { canonicalEntry, entryColumns } from "./chain-sql.ts";

/**
 * One group commit. Inserts nothing when the writer is closed: that is the fence. The share lock makes the closing
 * of the writer wait for commits on their way, and they for it, without making commits wait for each other.
 */
export const commitBatch: Statement = {
  name: "commit_batch",
  text: `
    with open_writer as (
      select writer_id from writers where writer_id = $1 and closed_at is null for share
    )
    insert into journal (writer_id, seq, facts, quotas, orders, alerts)
    select
      writer_id,
      $2::bigint,
      $3::text::quota_usage_logs[],
      $4::text::merchant_quotas[],
      $5::text::quota_orders[],
      $6::text::quota_alerts[]
    from open_writer
    returning seq`,
};

/**
 * Writes journal rows up to $2 into the tables, in one transaction with the mark that says so: running it again, or
 * beside another, changes nothing. A row of an older version never replaces a newer one.
 *
 * Invariant: the mark is moved from `done`. The inserts run after the update, and a row that this statement has updated
 * itself is not locked but left out: a `done` that is first read then is empty, and the facts would be lost.
 *
 * Each entry is given its place in the chain of its key, which goes on from where the checkpoint before has left it
 * (ADR 0025). `log_heads_of` is called once `done` is locked, and sees what the other one has written.
 *
 * The tail is an ordered selection of its own, so that it is taken for the few rows that it is: as a join it is taken
 * for a ninth of a journal that waits for NATS, and of a million rows Postgres spends a second on preparing for them.
 */
export const writeCheckpoint: Statement = {
  name: "write_checkpoint",
  text: `
    with done as materialized (
      select writer_id, seq from checkpoints where writer_id = $1 for update
    ),
    tail as materialized (
      select batch.*
      from done, lateral (
        select * from journal
        where journal.writer_id = $1 and journal.seq > done.seq and journal.seq <= $2
        order by journal.seq
      ) as batch
    ),
    quotas as (
      insert into merchant_quotas
      select distinct on (quota.quota_key) quota.*
      from tail, unnest(tail.quotas) as quota
      order by quota.quota_key, quota.version desc
      on conflict (quota_key, shard) do update set
        timezone = excluded.timezone,
        daily_period = excluded.daily_period,
        monthly_period = excluded.monthly_period,
        yearly_period = excluded.yearly_period,
        daily_used = excluded.daily_used,
        monthly_used = excluded.monthly_used,
        yearly_used = excluded.yearly_used,
        daily_reserved = excluded.daily_reserved,
        monthly_reserved = excluded.monthly_reserved,
        yearly_reserved = excluded.yearly_reserved,
        pending_amount = excluded.pending_amount,
        reserved_amount = excluded.reserved_amount,
        refunded_today = excluded.refunded_today,
        refunded_month = excluded.refunded_month,
        refunded_year = excluded.refunded_year,
        transactions_today = excluded.transactions_today,
        transactions_month = excluded.transactions_month,
        transactions_year = excluded.transactions_year,
        daily_alerted = excluded.daily_alerted,
        monthly_alerted = excluded.monthly_alerted,
        yearly_alerted = excluded.yearly_alerted,
        daily_reset_at = excluded.daily_reset_at,
        monthly_reset_at = excluded.monthly_reset_at,
        yearly_reset_at = excluded.yearly_reset_at,
        daily_limit = excluded.daily_limit,
        monthly_limit = excluded.monthly_limit,
        yearly_limit = excluded.yearly_limit,
        limits_source = excluded.limits_source,
        policy_version = excluded.policy_version,
        is_suspended = excluded.is_suspended,
        suspended_at = excluded.suspended_at,
        suspended_reason = excluded.suspended_reason,
        suspended_by = excluded.suspended_by,
        last_order_no = excluded.last_order_no,
        last_payment_no = excluded.last_payment_no,
        last_updated_by = excluded.last_updated_by,
        version = excluded.version,
        updated_at = excluded.updated_at
      where merchant_quotas.version < excluded.version
    ),
    orders as (
      insert into quota_orders
      select distinct on (changed.order_key) changed.*
      from tail, unnest(tail.orders) as changed
      order by changed.order_key, changed.version desc
      on conflict (order_key, shard) do update set
        amount = excluded.amount,
        released = excluded.released,
        settled = excluded.settled,
        charged_periods = excluded.charged_periods,
        hold_state = excluded.hold_state,
        hold_amount = excluded.hold_amount,
        hold_expires_at = excluded.hold_expires_at,
        effects = excluded.effects,
        version = excluded.version,
        updated_at = excluded.updated_at
      where quota_orders.version < excluded.version
    ),
    entries as materialized (
      select
        tail.seq as batch, entry.ordinality as place, merchant_id || ' ' || currency as quota_key,
        ${entryColumns}, ${canonicalEntry} as canonical
      from tail, unnest(tail.facts) with ordinality as entry
    ),
    links as materialized (
      select
        entries.*,
        coalesce(head.entries, 0) + row_number() over story as chain_no,
        coalesce(chain_of(coalesce(head.hash, ''), canonical) over story, head.hash, '') as chain_before,
        lead(place) over story is null as is_last
      from entries
        left join log_heads_of(array(select distinct quota_key from entries)) as head using (quota_key)
      window story as (
        partition by quota_key order by batch, place rows between unbounded preceding and 1 preceding
      )
    ),
    logs as (
      insert into quota_usage_logs (${entryColumns}, chain_no, chain_before)
      select ${entryColumns}, chain_no, chain_before from links
    ),
    heads as (
      insert into log_heads (quota_key, shard, entries, hash)
      select quota_key, shard, chain_no, sha256(chain_before || canonical) from links where is_last
      on conflict (quota_key, shard) do update set entries = excluded.entries, hash = excluded.hash
    ),
    raised as (
      insert into quota_alerts
      select alert.* from tail, unnest(tail.alerts) as alert
      on conflict do nothing
    )
    update checkpoints set seq = greatest(checkpoints.seq, $2)
    from done where checkpoints.writer_id = done.writer_id
    returning checkpoints.seq`,
};

/** Journal rows that one pruning looks at and may drop. */
export const prunedRowsMax = 10_000;

/**
 * Drops journal rows that are in the tables, and published where they are to be: for that they wait a day at most. Of
 * the oldest rows alone: what may go is always at the front, and a journal that waits for an absent NATS would otherwise
 * be read through from end to end, between two checkpoints and in each recovery.
 */
export const pruneJournal: Statement = {
  name: "prune_journal",
  text: `
    delete from journal where writer_id = $1 and seq = any (array(
      select oldest.seq
      from (
        select seq, written_at from journal where writer_id = $1 order by seq limit ${prunedRowsMax}
      ) as oldest
      join checkpoints on checkpoints.writer_id = $1 and oldest.seq <= checkpoints.seq
      left join event_marks as mark on mark.writer_id = $1
      where mark.seq is null or oldest.seq <= mark.seq or oldest.written_at <= now() - interval '24 hours'
    ))`,
};

/** Orders by the one text column that leads their primary key: an index look-up whatever the statistics say. */
export const ordersByKey: Statement = {
  name: "orders_by_key",
  text: `select * from quota_orders where order_key = any($1::text[])`,
};

export const quotasByKey: Statement = {
  name: "quotas_by_key",
  text: `select * from merchant_quotas where quota_key = any($1::text[])`,
};

/** The open holds of each key: '!' follows the space that ends a key's text, byte by byte. */
export const openHoldsByKey: Statement = {
  name: "open_holds_by_key",
  text: `
    select wanted.quota_key, held.*
    from unnest($1::text[]) as wanted (quota_key),
    lateral (
      select * from quota_orders
      where order_key > wanted.quota_key || ' ' and order_key < wanted.quota_key || '!'
        and hold_state = 'open'
    ) as held`,
};

/** Keys with holds that are due, a bounded number at a time. */
export const keysWithDueHolds: Statement = {
  name: "keys_with_due_holds",
  text: `
    select distinct split_part(order_key, ' ', 1) as merchant_id, split_part(order_key, ' ', 2) as currency
    from (
      select order_key from quota_orders
      where hold_state = 'open' and hold_expires_at <= $2 and shard = any($1::int[])
      order by hold_expires_at
      limit 1000
    ) as due`,
};
