import type { Statement } from "../../src/platform/database.ts";

/**
 * Makes a delivery to each target of $1 (channels $2) for a bounded number of alerts that have none yet, however they
 * came into the table. Several nodes may do it at once: each takes other alerts. Where there is no target the alerts are
 * marked all the same: a target that is named later is not told of old ones.
 */
export const makeDeliveries: Statement = {
  name: "make_deliveries",
  text: `
    with fresh as materialized (
      select id, shard, created_at from quota_alerts
      where deliveries_made_at is null
      order by created_at, id
      limit $5
      for update skip locked
    ),
    made as (
      insert into alert_deliveries (alert_id, shard, target, channel, next_try_at, give_up_at, alert_at)
      select fresh.id, fresh.shard, wanted.target, wanted.channel, $3::timestamptz, $4::timestamptz, fresh.created_at
      from fresh cross join unnest($1::text[], $2::text[]) as wanted (target, channel)
      on conflict do nothing
    )
    update quota_alerts set deliveries_made_at = $3::timestamptz
    from fresh
    where quota_alerts.id = fresh.id and quota_alerts.shard = fresh.shard
    returning quota_alerts.id`,
};

/**
 * Of each target of $1 the oldest pending delivery, if its time has come and nobody has it: taken until $3, then it may
 * be taken again. A later one is never taken before it, so that a target is told in order. A time further ahead than any
 * wait or claim lasts was set by a clock that ran ahead, and counts as past.
 *
 * Invariant: the conditions stand on the updated row itself. Of two nodes that saw the same one, the second waits for
 * the first, looks at the row again and finds it taken.
 */
export const claimDeliveries: Statement = {
  name: "claim_deliveries",
  text: `
    update alert_deliveries as delivery set claimed_until = $3
    from unnest($1::text[]) as wanted (target),
    lateral (
      select alert_id, shard from alert_deliveries
      where target = wanted.target and state = 'pending'
      order by alert_at, alert_id
      limit 1
    ) as head,
    quota_alerts as alert
    where delivery.alert_id = head.alert_id and delivery.target = wanted.target
      and delivery.shard = head.shard
      and alert.id = head.alert_id and alert.shard = head.shard
      and delivery.state = 'pending'
      and (delivery.next_try_at <= $2 or delivery.next_try_at > $2::timestamptz + interval '2 hours')
      and (delivery.claimed_until is null or delivery.claimed_until <= $2
        or delivery.claimed_until > $3::timestamptz + interval '1 hour')
    returning delivery.alert_id, delivery.shard, delivery.target, delivery.attempts, delivery.give_up_at,
      alert.merchant_id, alert.currency, alert.alert_type, alert.alert_level, alert.message,
      alert.current_used, alert.limit_amount, alert.usage_percent::float8 as usage_percent, alert.period,
      alert.version, alert.created_at`,
};

/** Delivered is delivered, whoever else has tried meanwhile. The first target that has it marks the alert as told. */
export const noteDelivered: Statement = {
  name: "note_delivered",
  text: `
    with done as (
      update alert_deliveries set
        state = 'delivered', attempts = attempts + 1, delivered_at = $4, last_error = null, claimed_until = null
      where alert_id = $1::uuid and target = $2 and shard = $3 and state <> 'delivered'
      returning alert_id, shard
    )
    update quota_alerts set notification_sent = true, notification_sent_at = $4
    from done
    where id = done.alert_id and quota_alerts.shard = done.shard and not notification_sent`,
};

/** To be tried again at $5; a claim that has passed to somebody else is theirs. */
export const delayDelivery: Statement = {
  name: "delay_delivery",
  text: `
    update alert_deliveries set
      attempts = attempts + 1, next_try_at = $5, last_error = $6, claimed_until = null
    where alert_id = $1::uuid and target = $2 and shard = $3 and state = 'pending' and claimed_until = $4`,
};

/** Nobody tries again, until somebody asks for it. */
export const failDelivery: Statement = {
  name: "fail_delivery",
  text: `
    update alert_deliveries set
      state = 'failed', attempts = attempts + 1, last_error = $5, claimed_until = null
    where alert_id = $1::uuid and target = $2 and shard = $3 and state = 'pending' and claimed_until = $4`,
};

/** Gives up what is pending for targets that are none of $1, so that nobody tries it, and whose time is up. */
export const abandonDeliveries: Statement = {
  name: "abandon_deliveries",
  text: `
    update alert_deliveries set
      state = 'failed', last_error = coalesce(last_error, 'the target is not configured any more'),
      claimed_until = null
    where state = 'pending' and target <> all($1::text[]) and give_up_at <= $2
    returning target`,
};
