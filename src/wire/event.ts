import { type Static, Type } from "typebox";

import { time, total, totalOrNull } from "./http-field.ts";

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
  version: totalOrNull("Of the key, after the change that raised it."),
  current_used: total("Used when it was raised, in minor units; 0 for a suspension."),
  limit: total("The limit then; 0 for a suspension."),
});

export type AlertEvent = Static<typeof alertEvent>;

/** The event as JSON, its whole numbers printed exactly, however large. */
export function alertText({ version, current_used, limit, ...rest }: AlertEvent): string {
  const whole = Object.entries({ version, current_used, limit });
  const fields = whole.map(([name, value]) => `"${name}":${String(value)}`).join(",");
  return `${JSON.stringify(rest).slice(0, -1)},${fields}}`;
}
