import type { Statement } from "../../src/platform/database.ts";

/*
 * Orders are held against sums that Postgres makes of the log by itself: none of the service's rules takes part, and
 * millions of orders need no memory here. $1 to $2 are the shards, $3 the day before whose end entries were dropped
 * (null = none were): of an order that was charged on it or before, the log may not have everything.
 */

/** How many orders there are, and of how many the log does not have everything. */
export const orderCounts: Statement = {
  name: "verify_order_counts",
  text: `
    select
      count(*) as orders,
      count(*) filter (where split_part(effects[1], '|', 6) = '0') as of_older_service,
      count(*) filter (
        where split_part(effects[1], '|', 6) <> '0'
          and split_part(charged_periods[1], '+', 1) collate "C" <= $3::text
      ) as with_dropped_entries
    from quota_orders_live
    where shard between $1 and $2`,
};

/** Columns of orders that are not what the entries add up to: the first $4, and on each the number of all. */
export const ordersUnlikeLog: Statement = {
  name: "verify_orders_unlike_log",
  text: `
    with logged as (
      select
        shard,
        merchant_id || ' ' || currency || ' ' || order_no as order_key,
        coalesce(sum(amount) filter (where action_type in ('consume', 'confirm')), 0) as amount,
        coalesce(sum(amount) filter (where action_type = 'release'), 0) as released,
        coalesce(sum(amount) filter (where action_type = 'settle'), 0) as settled,
        sum(amount) filter (where action_type = 'reserve') as hold_amount,
        case when bool_or(action_type = 'reserve') then coalesce(
          max(case action_type
            when 'confirm' then 'confirmed' when 'cancel' then 'cancelled' when 'expire' then 'expired'
          end), 'open')
        end as hold_state,
        count(*) as effects,
        max(version) as version,
        array_to_string(min(charged_periods), ' ') as charged_periods
      from quota_usage_logs_live
      where shard between $1 and $2 and success and order_no is not null and version > 0
      group by shard, merchant_id, currency, order_no
    ),
    stored as (
      select
        shard, order_key, amount, released, settled, hold_amount, hold_state,
        cardinality(effects) as effects, version,
        array_to_string(charged_periods, ' ') as charged_periods,
        split_part(effects[1], '|', 6) = '0'
          or coalesce(split_part(charged_periods[1], '+', 1) collate "C" <= $3::text, false) as is_partial
      from quota_orders_live
      where shard between $1 and $2 and strpos(order_key, ' adjust ') = 0
    ),
    unlike as materialized (
      select
        shard, order_key,
        logged.order_key is not null as is_logged,
        stored.order_key is not null as is_stored,
        logged.amount as logged_amount, stored.amount as stored_amount,
        logged.released as logged_released, stored.released as stored_released,
        logged.settled as logged_settled, stored.settled as stored_settled,
        logged.hold_amount as logged_hold, stored.hold_amount as stored_hold,
        logged.hold_state as logged_state, stored.hold_state as stored_state,
        logged.effects as logged_effects, stored.effects as stored_effects,
        logged.version as logged_version, stored.version as stored_version,
        logged.charged_periods as logged_periods, stored.charged_periods as stored_periods
      from logged full join stored using (shard, order_key)
      where case
        when stored.order_key is null then true
        when stored.is_partial then false
        when logged.order_key is null then true
        else logged.amount <> stored.amount
          or logged.released <> stored.released
          or logged.settled <> stored.settled
          or logged.effects <> stored.effects
          or logged.version <> stored.version
          or logged.charged_periods <> stored.charged_periods
          or logged.hold_amount is distinct from stored.hold_amount
          or logged.hold_state is distinct from stored.hold_state
      end
    )
    select
      shard, order_key, is_logged, is_stored, side.column_name, side.expected, side.found,
      count(*) over () as found_in_all
    from unlike,
    lateral (values
      ('amount', logged_amount::text, stored_amount::text),
      ('released', logged_released::text, stored_released::text),
      ('settled', logged_settled::text, stored_settled::text),
      ('hold_amount', logged_hold::text, stored_hold::text),
      ('hold_state', logged_state, stored_state),
      ('effects', logged_effects::text, stored_effects::text),
      ('version', logged_version::text, stored_version::text),
      ('charged_periods', logged_periods, stored_periods)
    ) as side (column_name, expected, found)
    where case
      when is_logged and is_stored then expected is distinct from found
      else column_name = 'amount'
    end
    order by shard, order_key, column_name
    limit $4`,
};

/** Numbered adjustments, which are orders without an order_no, that no entry tells of: each names its entry. */
export const adjustmentsUnlikeLog: Statement = {
  name: "verify_adjustments_unlike_log",
  text: `
    select adjusted.shard, adjusted.order_key, count(*) over () as found_in_all
    from quota_orders_live as adjusted
    where shard between $1 and $2 and strpos(order_key, ' adjust ') > 0
      and ($3::text is null or split_part(charged_periods[1], '+', 1) collate "C" > $3::text)
      and not exists (
        select from quota_usage_logs_live as entry
        where entry.merchant_id = split_part(adjusted.order_key, ' ', 1)
          and entry.created_at = adjusted.updated_at
          and entry.currency = split_part(adjusted.order_key, ' ', 2)
          and entry.id::text = split_part(adjusted.effects[1], '|', 5)
          and entry.action_type = 'adjust' and entry.success
      )
    order by shard, order_key
    limit $4`,
};

/**
 * Quotas whose pending and held sums are not those of their orders. Of a key that came from the older service at $3 or
 * before, more may be pending than its orders say: the older service did not tell them apart.
 */
export const quotasUnlikeOrders: Statement = {
  name: "verify_quotas_unlike_orders",
  text: `
    with quota as materialized (
      select * from merchant_quotas_live where shard between $1 and $2
    ),
    ordered as (
      select
        quota.shard,
        quota.quota_key,
        sum(greatest(changed.amount - changed.released - changed.settled, 0)) as pending_amount,
        sum(hold_amount) filter (where hold_state = 'open') as reserved_amount,
        sum(hold_amount) filter (
          where hold_state = 'open' and charged_periods[1] = daily_period) as daily_reserved,
        sum(hold_amount) filter (
          where hold_state = 'open' and charged_periods[2] = monthly_period) as monthly_reserved,
        sum(hold_amount) filter (
          where hold_state = 'open' and charged_periods[3] = yearly_period) as yearly_reserved
      from quota_orders_live as changed
        join quota on quota.shard = changed.shard
          and quota.quota_key = split_part(order_key, ' ', 1) || ' ' || split_part(order_key, ' ', 2)
      where changed.shard between $1 and $2
      group by quota.shard, quota.quota_key
    )
    select
      quota.shard,
      quota.quota_key,
      sums.column_name,
      sums.expected::text as expected,
      sums.found::text as found,
      count(*) over () as found_in_all
    from quota left join ordered using (shard, quota_key),
    lateral (values
      ('pending_amount', case
        when created_at <= $3 then greatest(quota.pending_amount, coalesce(ordered.pending_amount, 0))
        else coalesce(ordered.pending_amount, 0)
      end, quota.pending_amount),
      ('reserved_amount', coalesce(ordered.reserved_amount, 0), quota.reserved_amount),
      ('daily_reserved', coalesce(ordered.daily_reserved, 0), quota.daily_reserved),
      ('monthly_reserved', coalesce(ordered.monthly_reserved, 0), quota.monthly_reserved),
      ('yearly_reserved', coalesce(ordered.yearly_reserved, 0), quota.yearly_reserved)
    ) as sums (column_name, expected, found)
    where sums.expected <> sums.found
    order by quota.shard, quota.quota_key, sums.column_name
    limit $4`,
};
