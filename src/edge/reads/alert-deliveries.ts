import type { Instant } from "../../domain/instant.ts";
import type { Database, Session, Statement } from "../../platform/database.ts";

/** Newest alerts first. */
const selectDeliveries: Statement = {
  name: "edge_alert_deliveries",
  text: `
    select delivery.alert_id, alert.merchant_id, alert.currency, alert.alert_type, delivery.alert_at,
      delivery.target, delivery.channel, delivery.state, delivery.attempts,
      case when delivery.state = 'pending' then delivery.next_try_at end as next_try_at,
      delivery.delivered_at, delivery.last_error
    from alert_deliveries as delivery
    join quota_alerts as alert on alert.id = delivery.alert_id and alert.shard = delivery.shard
    where ($1::text is null or delivery.state = $1)
      and ($2::uuid is null or delivery.alert_id = $2)
    order by delivery.alert_at desc, delivery.alert_id desc, delivery.target
    limit $3`,
};

const selectTargets: Statement = {
  name: "edge_alert_targets",
  text: `
    select alert.id, array_agg(target order by target) filter (where target is not null) as targets
    from quota_alerts as alert
    left join alert_deliveries as delivery on delivery.alert_id = alert.id and delivery.shard = alert.shard
    where alert.id = $1::uuid
    group by alert.id`,
};

/** As if never tried, with a day to go. What is on its way at this moment is not sent twice for it. */
const resetDeliveries: Statement = {
  name: "edge_reset_deliveries",
  text: `
    update alert_deliveries set
      state = 'pending', attempts = 0, next_try_at = $3, give_up_at = $3::timestamptz + interval '24 hours',
      last_error = null, delivered_at = null
    where alert_id = $1::uuid and target = any($2::text[])
    returning target`,
};

/** The service makes a delivery to each target that it has by now and the alert has none to. */
const makeDeliveriesAgain: Statement = {
  name: "edge_make_deliveries_again",
  text: `update quota_alerts set deliveries_made_at = null where id = $1::uuid`,
};

export type DeliveryState = "pending" | "delivered" | "failed";

/** One alert's way to one target. */
export interface ListedDelivery {
  readonly alert_id: string;
  readonly merchant_id: string;
  readonly currency: string;
  readonly alert_type: string;
  readonly alert_at: string;
  readonly target: string;
  readonly channel: string;
  readonly state: string;
  readonly attempts: number;
  /** Of a pending one. */
  readonly next_try_at: string | null;
  readonly delivered_at: string | null;
  readonly last_error: string | null;
}

/** Deliveries, those of the newest alert first. */
export async function listDeliveries(
  session: Session,
  wanted: {
    readonly state: DeliveryState | null;
    readonly alertId: string | null;
    readonly itemsMax: number;
  },
): Promise<readonly ListedDelivery[]> {
  const rows = await session.run(selectDeliveries, [wanted.state, wanted.alertId, wanted.itemsMax]);
  return rows.map((row) => ({
    alert_id: String(row["alert_id"]),
    merchant_id: String(row["merchant_id"]),
    currency: String(row["currency"]),
    alert_type: String(row["alert_type"]),
    alert_at: timeText(row["alert_at"]) ?? "",
    target: String(row["target"]),
    channel: String(row["channel"]),
    state: String(row["state"]),
    attempts: Number(row["attempts"]),
    next_try_at: timeText(row["next_try_at"]),
    delivered_at: timeText(row["delivered_at"]),
    last_error: typeof row["last_error"] === "string" ? row["last_error"] : null,
  }));
}

/**
 * Has an alert sent again, whatever became of it: to the targets named, or to all that it was for, and to those which
 * the service has got since. The service does it within about a second of its next look.
 * @param wanted.targets none = all
 * @returns the targets to which it had deliveries, now pending
 * @throws Error when there is no such alert, or none of its deliveries goes to a target that is named
 */
export function resend(
  database: Pick<Database, "transaction">,
  wanted: {
    readonly alertId: string;
    readonly targets: readonly string[];
    readonly now: Instant;
  },
): Promise<readonly string[]> {
  const { alertId, targets, now } = wanted;
  return database.transaction(async (session) => {
    const [alert] = await session.run(selectTargets, [alertId]);
    if (!alert) throw new Error(`there is no alert ${alertId}`);
    const known = Array.isArray(alert["targets"]) ? alert["targets"].map(String) : [];
    const unknown = targets.filter((target) => !known.includes(target));
    if (unknown.length > 0) {
      const those = known.length === 0 ? "nobody yet" : known.join(", ");
      throw new Error(`the alert was not for ${unknown.join(", ")}; it was for ${those}`);
    }
    const again = targets.length === 0 ? known : targets;
    await session.run(resetDeliveries, [alertId, again, new Date(now)]);
    if (targets.length === 0) await session.run(makeDeliveriesAgain, [alertId]);
    return again;
  });
}

function timeText(value: unknown): string | null {
  return value instanceof Date ? value.toISOString() : null;
}
