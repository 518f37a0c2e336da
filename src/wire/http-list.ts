import { type Static, type TSchema, Type } from "typebox";

import {
  closed,
  currencyField,
  merchantIdField,
  orderNoField,
  textField,
  textOrNull,
  time,
  timeOrNull,
  total,
  totalOrNull,
} from "./http-field.ts";
import { quotaReply } from "./http-reply.ts";

/** Paths, queries and replies of what is read and listed. */

export const pageItemsDefault = 50;
export const pageItemsMax = 200;

const page = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: pageItemsMax, default: pageItemsDefault }),
  ),
  cursor: Type.Optional(
    Type.String({
      pattern: "^[A-Za-z0-9_-]{1,128}$",
      description: "The `next_cursor` of the page before.",
    }),
  ),
};
const range = {
  from: Type.Optional(
    Type.String({ format: "date-time", description: "RFC 3339; from this time on." }),
  ),
  to: Type.Optional(Type.String({ format: "date-time", description: "RFC 3339; before it." })),
};

export const merchantParams = Type.Object({ merchant_id: merchantIdField }, closed);
export const keyParams = Type.Object(
  { merchant_id: merchantIdField, currency: currencyField },
  closed,
);
export const orderParams = Type.Object({ order_no: orderNoField }, closed);
export const alertParams = Type.Object(
  {
    id: Type.String({
      format: "uuid",
      examples: ["0199a1de-0000-7000-8000-000000000001"],
      description: "Of a listed alert.",
    }),
  },
  closed,
);

export const actionTypes = [
  "consume",
  "release",
  "reserve",
  "confirm",
  "cancel",
  "expire",
  "settle",
  "reset",
  "adjust",
  "suspend",
  "resume",
] as const;

/** Of read-your-writes: what a replica or a kept list is held against. */
const minVersion = {
  min_version: Type.Optional(
    Type.String({
      pattern: "^[A-Z][A-Z0-9]{2,9}:[1-9][0-9]{0,14}(,[A-Z][A-Z0-9]{2,9}:[1-9][0-9]{0,14}){0,9}$",
      description:
        "Currency and `version`, as the reply to a change gave it; up to 10, separated by commas. The list then has " +
        "these changes and all before them. Without it, a list may be some seconds late. A version that was never " +
        "reached is refused.",
      examples: ["USD:1"],
    }),
  ),
};
export const merchantQuotaQuery = Type.Object(minVersion, closed);

/** Of a call that has none: what is sent all the same is refused by its name. */
export const noQuery = Type.Object({}, closed);
export const pageQuery = Type.Object(page, closed);
export const usageLogQuery = Type.Object(
  {
    currency: Type.Optional(currencyField),
    action_type: Type.Optional(Type.Enum([...actionTypes])),
    success: Type.Optional(Type.Boolean()),
    ...minVersion,
    ...range,
    ...page,
  },
  closed,
);
export const logStatsQuery = Type.Object(
  {
    group_by: Type.Optional(Type.Enum(["hour", "day", "month"], { default: "hour" })),
    merchant_id: Type.Optional(merchantIdField),
    ...range,
  },
  closed,
);
export const quotaStatsQuery = Type.Object(
  { top: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10 })) },
  closed,
);
const alertFilters = {
  level: Type.Optional(Type.Enum(["warning", "critical"])),
  type: Type.Optional(
    Type.String({
      pattern: "^[a-z0-9_]{1,32}$",
      description: "Such as `daily_80`, or `suspended`.",
    }),
  ),
};
export const merchantAlertQuery = Type.Object(
  { ...alertFilters, is_resolved: Type.Optional(Type.Boolean()), ...page },
  closed,
);
export const unresolvedAlertQuery = Type.Object({ ...alertFilters, ...page }, closed);
export const resolveBody = Type.Object(
  { notes: Type.Optional(textField("What was done about it")) },
  { ...closed, examples: [{ notes: "the limit was raised" }] },
);

export type MerchantQuotaQuery = Static<typeof merchantQuotaQuery>;
export type PageQuery = Static<typeof pageQuery>;
export type UsageLogQuery = Static<typeof usageLogQuery>;
export type LogStatsQuery = Static<typeof logStatsQuery>;
export type QuotaStatsQuery = Static<typeof quotaStatsQuery>;
export type MerchantAlertQuery = Static<typeof merchantAlertQuery>;
export type UnresolvedAlertQuery = Static<typeof unresolvedAlertQuery>;

const pageOf = <Item extends TSchema>(item: Item) =>
  Type.Object({
    items: Type.Array(item),
    next_cursor: textOrNull("null = this is the last page."),
  });

export const quotaPage = pageOf(quotaReply);

export const usageLogPage = pageOf(
  Type.Object({
    id: Type.String(),
    merchant_id: Type.String(),
    currency: Type.String(),
    order_no: textOrNull("Number of the order."),
    payment_no: textOrNull("Number of the payment."),
    refund_no: textOrNull("Number of the refund."),
    action_type: Type.String(),
    amount: total("Asked, or moved."),
    daily_used_before: total(""),
    daily_used_after: total(""),
    monthly_used_before: total(""),
    monthly_used_after: total(""),
    yearly_used_before: total(""),
    yearly_used_after: total(""),
    pending_before: total(""),
    pending_after: total(""),
    reserved_before: total(""),
    reserved_after: total(""),
    daily_limit: totalOrNull("null = unlimited."),
    monthly_limit: totalOrNull("null = unlimited."),
    yearly_limit: totalOrNull("null = unlimited."),
    limits_source: Type.String(),
    policy_version: textOrNull("Version of the policy in force."),
    charged_periods: Type.Array(Type.String(), { description: "Day, month and year charged." }),
    success: Type.Boolean(),
    failure_reason: textOrNull("Code of the refusal."),
    operator_id: Type.String(),
    operator_type: Type.String(),
    metadata: Type.Unsafe<object | null>({
      type: "object",
      nullable: true,
      additionalProperties: true,
    }),
    remarks: textOrNull(""),
    trace_id: textOrNull("W3C trace id of the request."),
    version: Type.Integer({ description: "Of the key, after it." }),
    created_at: time(""),
  }),
);

export const logStatsReply = Type.Object({
  from: time(""),
  to: time(""),
  group_by: Type.String(),
  items: Type.Array(
    Type.Object({
      from: time("Start of the hour, day or month, in UTC."),
      currency: Type.String(),
      action_type: Type.String(),
      outcome: Type.String({ description: "`accepted`, or the code of the refusal." }),
      count: total("Entries."),
      amount: total("Sum of their amounts."),
    }),
  ),
  truncated: Type.Boolean({ description: "There are more items than are listed." }),
});

export const quotaStatsReply = Type.Object({
  at: time("Windows that had ended by then count as unused."),
  currencies: Type.Array(
    Type.Object({
      currency: Type.String(),
      merchants: total(""),
      daily_used: total(""),
      monthly_used: total(""),
      yearly_used: total(""),
      near_limit: total("At 80 % of a limit or over it."),
      exhausted: total("At a limit or over it."),
      suspended: total(""),
    }),
  ),
  top: Type.Array(
    Type.Object({
      merchant_id: Type.String(),
      currency: Type.String(),
      usage_rate: Type.Number({ description: "1 = all of a limit." }),
      is_suspended: Type.Boolean(),
      daily_used: total(""),
      monthly_used: total(""),
      yearly_used: total(""),
      daily_limit: totalOrNull(
        "null = unlimited; the limits as the last change of the key saw them.",
      ),
      monthly_limit: totalOrNull(""),
      yearly_limit: totalOrNull(""),
    }),
  ),
});

export const alertReply = Type.Object({
  id: Type.String(),
  merchant_id: Type.String(),
  currency: Type.String(),
  alert_type: Type.String(),
  alert_level: Type.String(),
  message: Type.String(),
  current_used: total("Used when it was raised; 0 for a suspension."),
  limit: total("The limit then; 0 for a suspension."),
  usage_percent: Type.Number(),
  period: Type.String({
    description:
      "The day, month or year; of a suspension `v` and the version of the key that began it.",
  }),
  is_resolved: Type.Boolean(),
  resolved_at: timeOrNull(""),
  resolved_by: textOrNull(""),
  resolve_notes: textOrNull(""),
  notification_sent: Type.Boolean({ description: "At least one target has received it." }),
  notification_sent_at: timeOrNull(""),
  created_at: time(""),
});
export const alertPage = pageOf(alertReply);
