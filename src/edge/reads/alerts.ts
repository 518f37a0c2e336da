import type { Database, Row, Session, Statement } from "../../platform/database.ts";
import type { MerchantAlertQuery, UnresolvedAlertQuery } from "../../wire/http-list.ts";
import { type Page, pageOf, type PageRequest } from "./page.ts";

/** A merchant's alerts, newest first, behind a position. */
export const alertsOfMerchant: Statement = {
  name: "edge-alerts-of-merchant",
  text: `
    select id, merchant_id, currency, alert_type, alert_level, message, current_used,
      limit_amount as "limit", usage_percent::float8 as usage_percent, period, is_resolved,
      resolved_at, resolved_by, resolve_notes, notification_sent, notification_sent_at, created_at
    from quota_alerts
    where merchant_id = $1
      and ($2::text is null or alert_level = $2)
      and ($3::text is null or alert_type = $3)
      and ($4::boolean is null or is_resolved = $4)
      and (created_at, id) < (
        coalesce($5::timestamptz, 'infinity'),
        coalesce($6::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      )
    order by created_at desc, id desc
    limit $7::integer`,
};

/** Alerts that nobody has resolved, newest first, behind a position. */
export const unresolvedAlerts: Statement = {
  name: "edge-alerts-unresolved",
  text: `
    select id, merchant_id, currency, alert_type, alert_level, message, current_used,
      limit_amount as "limit", usage_percent::float8 as usage_percent, period, is_resolved,
      resolved_at, resolved_by, resolve_notes, notification_sent, notification_sent_at, created_at
    from quota_alerts
    where not is_resolved
      and ($1::text is null or alert_level = $1)
      and ($2::text is null or alert_type = $2)
      and (created_at, id) < (
        coalesce($3::timestamptz, 'infinity'),
        coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      )
    order by created_at desc, id desc
    limit $5::integer`,
};

/** Resolves an alert that is not resolved yet. */
export const resolveAlert: Statement = {
  name: "edge-alert-resolve",
  text: `
    update quota_alerts
    set is_resolved = true, resolved_at = $2::timestamptz, resolved_by = $3, resolve_notes = $4
    where id = $1::uuid and not is_resolved
    returning id, merchant_id, currency, alert_type, alert_level, message, current_used,
      limit_amount as "limit", usage_percent::float8 as usage_percent, period, is_resolved,
      resolved_at, resolved_by, resolve_notes, notification_sent, notification_sent_at, created_at`,
};

const countUnresolved: Statement = {
  name: "edge-alerts-count-unresolved",
  text: "select count(*) as unresolved from quota_alerts where not is_resolved",
};

/** How many alerts nobody has resolved, for the metrics. */
export async function alertsActive(reads: Session): Promise<number> {
  const [row] = await reads.run(countUnresolved);
  return Number(row?.["unresolved"] ?? 0);
}

export const alertExists: Statement = {
  name: "edge-alert-exists",
  text: "select id from quota_alerts where id = $1::uuid",
};

export async function listAlertsOfMerchant(
  reads: Session,
  merchantId: string,
  query: MerchantAlertQuery,
  { behind, items }: PageRequest,
): Promise<Page> {
  const { level = null, type = null, is_resolved: isResolved = null } = query;
  const position = [behind?.createdAt ?? null, behind?.id ?? null];
  const values = [merchantId, level, type, isResolved, ...position, items + 1];
  return pageOf(await reads.run(alertsOfMerchant, values), items);
}

export async function listUnresolvedAlerts(
  reads: Session,
  query: UnresolvedAlertQuery,
  { behind, items }: PageRequest,
): Promise<Page> {
  const position = [behind?.createdAt ?? null, behind?.id ?? null];
  const values = [query.level ?? null, query.type ?? null, ...position, items + 1];
  return pageOf(await reads.run(unresolvedAlerts, values), items);
}

/**
 * The one write among the reads, so in a transaction: reads may go to a replica. Asking again is safe, and says so if
 * it was done before.
 *
 * @returns the resolved alert, or why it was not resolved now
 * @throws Fault OUTCOME_UNKNOWN when the commit's answer was lost, SHARD_UNAVAILABLE when nothing happened
 */
export function resolve(
  database: Pick<Database, "transaction">,
  alert: {
    readonly id: string;
    readonly at: Date;
    readonly by: string;
    readonly notes: string | null;
  },
): Promise<Row | "ALERT_NOT_FOUND" | "ALERT_ALREADY_RESOLVED"> {
  return database.transaction(async (session) => {
    const values = [alert.id, alert.at, alert.by, alert.notes];
    const [resolved] = await session.run(resolveAlert, values);
    if (resolved) return resolved;
    const found = await session.run(alertExists, [alert.id]);
    return found.length > 0 ? "ALERT_ALREADY_RESOLVED" : "ALERT_NOT_FOUND";
  });
}
