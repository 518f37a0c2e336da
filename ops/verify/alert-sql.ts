import type { Statement } from "../../src/platform/database.ts";

/*
 * Alerts of the shards $1 to $2, those in the journal's tail included; $4 of what is found, and the number of all.
 */

/** How many there are, and how many were raised by changes whose entries were dropped before $3. */
export const alertCounts: Statement = {
  name: "verify_alert_counts",
  text: `
    select
      count(*) as alerts,
      count(*) filter (where version is not null and created_at < $3::timestamptz) as of_dropped_entries
    from quota_alerts
    where shard between $1 and $2`,
};

/** Thresholds that a quota says its running periods have raised, and of which there is no alert. */
export const marksWithoutAlert: Statement = {
  name: "verify_marks_without_alert",
  text: `
    with alerts as (
      select shard, merchant_id, currency, alert_type, period from quota_alerts
      where shard between $1 and $2
      union all
      select alert.shard, alert.merchant_id, alert.currency, alert.alert_type, alert.period
      from journal_tail, unnest(journal_tail.alerts) as alert
    )
    select
      quota.shard, quota.quota_key, marked.alert_type, marked.period, count(*) over () as found_in_all
    from merchant_quotas_live as quota,
    lateral (values
      ('daily_' || daily_alerted, daily_period, daily_alerted),
      ('monthly_' || monthly_alerted, monthly_period, monthly_alerted),
      ('yearly_' || yearly_alerted, yearly_period, yearly_alerted)
    ) as marked (alert_type, period, percent)
    where quota.shard between $1 and $2 and percent > 0
      and (quota.shard, quota.merchant_id, quota.currency, marked.alert_type, marked.period)
        not in (select shard, merchant_id, currency, alert_type, period from alerts)
    order by quota.shard, quota.quota_key, marked.alert_type
    limit $3`,
};

/**
 * Alerts that are not as the change was that raised them. They name its version and bear its time, by which it is
 * looked up. One without a version was raised by the scan for lowered limits, and is held against itself alone.
 */
export const alertsUnlikeLog: Statement = {
  name: "verify_alerts_unlike_log",
  text: `
    with alerts as (
      select * from quota_alerts where shard between $1 and $2
      union all
      select alert.* from journal_tail, unnest(journal_tail.alerts) as alert
      where alert.shard between $1 and $2
    )
    select
      alert.shard, alert.merchant_id || ' ' || alert.currency as quota_key, alert.id, alert.alert_type,
      entry.is_there, alert.current_used::text as current_used, entry.used::text as used,
      alert.limit_amount::text as limit_amount, entry.limit_amount::text as entry_limit,
      alert.period, entry.period as entry_period, count(*) over () as found_in_all
    from alerts as alert
    left join lateral (
      select
        true as is_there,
        case split_part(alert.alert_type, '_', 1)
          when 'daily' then daily_used_after when 'monthly' then monthly_used_after
          when 'yearly' then yearly_used_after else 0
        end as used,
        case split_part(alert.alert_type, '_', 1)
          when 'daily' then daily_limit when 'monthly' then monthly_limit
          when 'yearly' then yearly_limit else 0
        end as limit_amount,
        case split_part(alert.alert_type, '_', 1)
          when 'daily' then charged_periods[1] when 'monthly' then charged_periods[2]
          when 'yearly' then charged_periods[3] else 'v' || version
        end as period
      from quota_usage_logs_live
      where merchant_id = alert.merchant_id and created_at = alert.created_at
        and currency = alert.currency and version = alert.version and success
        and (alert.alert_type <> 'suspended' or action_type = 'suspend')
      limit 1
    ) as entry on alert.version is not null
    where (alert.version is null or $3::timestamptz is null or alert.created_at >= $3)
      and (
        alert.version is not null and (
          entry.is_there is null
          or (entry.used, entry.limit_amount, entry.period)
            is distinct from (alert.current_used, alert.limit_amount, alert.period)
        )
        or alert.current_used::numeric * 100
          < alert.limit_amount::numeric * nullif(split_part(alert.alert_type, '_', 2), '')::int
      )
    order by alert.shard, quota_key, alert.id
    limit $4`,
};
