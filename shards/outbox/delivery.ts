import type { Instant } from "../../src/domain/instant.ts";
import type { AlertEvent } from "../../src/wire/event.ts";
import { amount, moment, type Stored, text, whole } from "../store/row.ts";

/** An alert on its way to a target, taken by this node. */
export interface Delivery {
  readonly shard: number;
  readonly target: string;
  /** Tries before this one. */
  readonly attempts: number;
  readonly giveUpAt: Instant;
  readonly alert: AlertEvent;
}

/** The delivery in a row of `claim_deliveries`. */
export function deliveryFrom(row: Stored): Delivery {
  const { usage_percent: usagePercent, version } = row;
  return {
    shard: whole(row, "shard"),
    target: text(row, "target"),
    attempts: whole(row, "attempts"),
    giveUpAt: moment(row, "give_up_at"),
    alert: {
      v: 1,
      id: text(row, "alert_id"),
      merchant_id: text(row, "merchant_id"),
      currency: text(row, "currency"),
      alert_type: text(row, "alert_type"),
      alert_level: text(row, "alert_level"),
      message: text(row, "message"),
      usage_percent: Number(usagePercent),
      period: text(row, "period"),
      created_at: new Date(moment(row, "created_at")).toISOString(),
      version: typeof version === "bigint" ? version : null,
      current_used: amount(row, "current_used"),
      limit: amount(row, "limit_amount"),
    },
  };
}
