import type { Instant } from "../src/domain/instant.ts";
import type { Session, Statement } from "../src/platform/database.ts";

/** Alerts resolved by one statement: bounds its time and its locks. */
const endedMax = 1_000;

/**
 * Resolves alerts that nothing stands behind any more. A threshold's period is over when its key counts another one
 * (a new day, or a reset), or by the end that the key's last turn has stored. A suspension is over when the merchant is
 * not suspended, or was resumed and suspended anew.
 *
 * Oldest first, past those that another node is resolving: run twice, or by two at once, it changes nothing more.
 */
const resolveEnded: Statement = {
  name: "resolve_ended_alerts",
  text: `
    with ended as materialized (
      select alert.id, alert.shard
      from quota_alerts as alert
      join merchant_quotas as quota
        on quota.quota_key = alert.merchant_id || ' ' || alert.currency and quota.shard = alert.shard
      where not alert.is_resolved
        and case split_part(alert.alert_type, '_', 1)
          when 'daily' then alert.period <> quota.daily_period or quota.daily_reset_at <= $1
          when 'monthly' then alert.period <> quota.monthly_period or quota.monthly_reset_at <= $1
          when 'yearly' then alert.period <> quota.yearly_period or quota.yearly_reset_at <= $1
          when 'suspended' then not quota.is_suspended or exists (
            select from quota_alerts as later
            where later.merchant_id = alert.merchant_id and later.currency = alert.currency
              and later.alert_type = alert.alert_type and later.version > alert.version
          )
          else false
        end
      order by alert.created_at, alert.id
      limit $2
      for update of alert skip locked
    )
    update quota_alerts as alert set
      is_resolved = true,
      resolved_at = $1,
      resolved_by = 'system',
      resolve_notes = case alert.alert_type
        when 'suspended' then 'the merchant was resumed'
        else 'the period is over'
      end
    from ended
    where alert.id = ended.id and alert.shard = ended.shard and not alert.is_resolved
    returning alert.id`,
};

/**
 * Resolves every alert whose period or suspension is over, in the name of `system`; a scheduled job calls it.
 * @returns how many it resolved
 * @throws Fault when Postgres does not let it; what was resolved until then stays so
 */
export async function resolveEndedAlerts(session: Session, now: Instant): Promise<number> {
  let resolved = 0;
  for (;;) {
    const rows = await session.run(resolveEnded, [new Date(now), endedMax]);
    resolved += rows.length;
    if (rows.length < endedMax) return resolved;
  }
}
