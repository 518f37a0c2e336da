import { type Static, Type } from "typebox";

import { time, total } from "./http-field.ts";

/*
 * What is told to others as JSON. Unlike the HTTP fields, "or null" is spelled as JSON Schema does: whoever consumes an
 * event checks it with this.
 */

const textOrNull = (description: string) =>
  Type.Union([Type.String(), Type.Null()], { description });
const versionOrNull = Type.Unsafe<bigint | null>({
  type: ["integer", "null"],
  description: "Of the key, after the change that raised it.",
});

/**
 * An alert as it is told to others. It may be told more than once, with the same `id`. `version` is of the key, so that
 * it orders the alerts of one key; null = no change of the key raised it.
 */
export const alertEvent = Type.Object({
  v: Type.Literal(1),
  id: Type.String({ format: "uuid" }),
  merchant_id: Type.String(),
  currency: Type.String(),
  alert_type: Type.String({ description: "`daily_80`, `monthly_100` … or `suspended`." }),
  alert_level: Type.String({ description: "`warning` or `critical`." }),
  message: Type.String(),
  usage_percent: Type.Number(),
  period: Type.String(),
  created_at: time("When it was raised."),
  version: versionOrNull,
  current_used: total("Used when it was raised, in minor units; 0 for a suspension."),
  limit: total("The limit then; 0 for a suspension."),
});

/**
 * An accepted change as it is told to others, with what stood after it. It may be told more than once, with the same
 * `id`, that of its log entry; `version` orders the changes of one key.
 */
export const usageEvent = Type.Object({
  v: Type.Literal(1),
  id: Type.String({ format: "uuid" }),
  merchant_id: Type.String(),
  currency: Type.String(),
  action: Type.String(),
  order_no: textOrNull("Number of the order."),
  payment_no: textOrNull("Number of the payment."),
  refund_no: textOrNull("Number of the refund."),
  periods: Type.Array(Type.String(), { description: "Day, month and year charged." }),
  created_at: time("When it was decided."),
  version: total("Of the key, after it."),
  amount: total("Moved, in minor units."),
  daily_used: total(""),
  monthly_used: total(""),
  yearly_used: total(""),
  pending_amount: total(""),
  reserved_amount: total(""),
});

export type AlertEvent = Static<typeof alertEvent>;
export type UsageEvent = Static<typeof usageEvent>;

/** An event as JSON, its bigints printed as whole numbers, exactly, however large. */
export function eventText(event: AlertEvent | UsageEvent): string {
  const fields = Object.entries(event).map(([name, value]) => {
    const text = typeof value === "bigint" ? value.toString() : JSON.stringify(value);
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${fields.join(",")}}`;
}
