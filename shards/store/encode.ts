import fastJson from "fast-json-stringify";

import type { Image } from "./image.ts";

const text = { type: "string" } as const;
const integer = { type: "integer" } as const;
const flag = { type: "boolean" } as const;
const texts = { type: "array", items: text } as const;
const textOrNull = { type: "string", nullable: true } as const;
const integerOrNull = { type: "integer", nullable: true } as const;
/** Of any shape, without bigint. */
const json = {} as const;

/**
 * A serializer compiled from the columns: the journal's text is most of what a commit costs this process.
 * @returns for images a JSON array; a bigint is an exact integer in it
 */
function encoderOf(columns: Readonly<Record<string, object>>): (images: Image[]) => string {
  return fastJson({ type: "array", items: { type: "object", properties: columns } });
}

export const encodeLogs = encoderOf({
  id: text,
  shard: integer,
  merchant_id: text,
  currency: text,
  order_no: textOrNull,
  payment_no: textOrNull,
  refund_no: textOrNull,
  action_type: text,
  amount: integer,
  daily_used_before: integer,
  daily_used_after: integer,
  monthly_used_before: integer,
  monthly_used_after: integer,
  yearly_used_before: integer,
  yearly_used_after: integer,
  pending_before: integer,
  pending_after: integer,
  reserved_before: integer,
  reserved_after: integer,
  daily_limit: integerOrNull,
  monthly_limit: integerOrNull,
  yearly_limit: integerOrNull,
  limits_source: text,
  policy_version: textOrNull,
  charged_periods: texts,
  success: flag,
  failure_reason: textOrNull,
  operator_id: text,
  operator_type: text,
  metadata: json,
  remarks: textOrNull,
  trace_id: textOrNull,
  version: integer,
  created_at: text,
});

export const encodeQuotas = encoderOf({
  quota_key: text,
  shard: integer,
  merchant_id: text,
  currency: text,
  timezone: text,
  daily_period: text,
  monthly_period: text,
  yearly_period: text,
  daily_used: integer,
  monthly_used: integer,
  yearly_used: integer,
  daily_reserved: integer,
  monthly_reserved: integer,
  yearly_reserved: integer,
  pending_amount: integer,
  reserved_amount: integer,
  refunded_today: integer,
  refunded_month: integer,
  refunded_year: integer,
  transactions_today: integer,
  transactions_month: integer,
  transactions_year: integer,
  daily_alerted: integer,
  monthly_alerted: integer,
  yearly_alerted: integer,
  daily_reset_at: text,
  monthly_reset_at: text,
  yearly_reset_at: text,
  daily_limit: integerOrNull,
  monthly_limit: integerOrNull,
  yearly_limit: integerOrNull,
  limits_source: text,
  policy_version: textOrNull,
  is_suspended: flag,
  suspended_at: textOrNull,
  suspended_reason: textOrNull,
  suspended_by: textOrNull,
  last_order_no: textOrNull,
  last_payment_no: textOrNull,
  last_updated_by: textOrNull,
  version: integer,
  created_at: text,
  updated_at: text,
});

export const encodeOrders = encoderOf({
  order_key: text,
  shard: integer,
  amount: integer,
  released: integer,
  settled: integer,
  charged_periods: texts,
  hold_state: textOrNull,
  hold_amount: integerOrNull,
  hold_expires_at: textOrNull,
  effects: { type: "array", items: json },
  version: integer,
  updated_at: text,
});

export const encodeAlerts = encoderOf({
  id: text,
  shard: integer,
  merchant_id: text,
  currency: text,
  alert_type: text,
  alert_level: text,
  message: text,
  current_used: integer,
  limit_amount: integer,
  usage_percent: text,
  period: text,
  is_resolved: flag,
  notification_sent: flag,
  created_at: text,
});
