import { type Static, Type } from "typebox";

import {
  countOrNull,
  textOrNull,
  time,
  timeOrNull,
  total,
  totalOrNull,
  windowField,
} from "./http-field.ts";

/** The bodies of the replies: they are printed by these schemas, so a field that is not here is not sent. */

const limitsOrigin = {
  limits_source: Type.Unsafe<string>({
    type: "string",
    enum: ["policy", "last_known", "default"],
    description: "Where the limits in force came from.",
  }),
  policy_version: textOrNull("Version of the policy in force."),
};
const remaining = {
  remaining_daily: totalOrNull("Left of the day's limit; null = unlimited."),
  remaining_monthly: totalOrNull("Left of the month's limit; null = unlimited."),
  remaining_yearly: totalOrNull("Left of the year's limit; null = unlimited."),
};
const limits = {
  daily_limit: totalOrNull("null = unlimited."),
  monthly_limit: totalOrNull("null = unlimited."),
  yearly_limit: totalOrNull("null = unlimited."),
};
const used = {
  daily_used: total("Used in the running day."),
  monthly_used: total("Used in the running month."),
  yearly_used: total("Used in the running year."),
};
const resetsAt = Type.Object(
  {
    daily: time("End of the day."),
    monthly: time("End of the month."),
    yearly: time("End of the year."),
  },
  { description: "When each window ends, in the merchant's time zone." },
);
const outlook = {
  usage_rate: Type.Number({ description: "The highest share of a limit that is used; 1 = all." }),
  forecast: Type.Object({
    exhausts_at: timeOrNull("When a limit is reached at the period's rate so far; null = never."),
  }),
};

export const checkReply = Type.Object({
  allowed: Type.Boolean(),
  code: Type.Optional(Type.String({ description: "Why not." })),
  message: Type.Optional(Type.String()),
  ...remaining,
  ...limits,
  resets_at: resetsAt,
  fits_at: Type.Optional(timeOrNull("When a refused amount would fit; null = not by waiting.")),
  ...outlook,
  ...limitsOrigin,
});
export type CheckReply = Static<typeof checkReply>;

export const commandReply = Type.Object({
  success: Type.Boolean(),
  duplicate: Type.Boolean({ description: "Done before: this is the first answer again." }),
  ...used,
  pending_amount: total("Taken and not yet settled or given back."),
  reserved_amount: total("Held by open reservations."),
  transactions_today: Type.Integer(),
  ...remaining,
  version: Type.Integer({ description: "Counts the changes of this key." }),
  log_id: Type.String({ description: "Of the entry in the usage log." }),
  ...limitsOrigin,
});
export type CommandReply = Static<typeof commandReply>;

export const reservationReply = Type.Object({
  ...commandReply.properties,
  order_no: Type.String(),
  reservation: Type.Object({
    state: Type.Unsafe<string>({
      type: "string",
      enum: ["open", "confirmed", "cancelled", "expired"],
    }),
    amount: total("Held."),
    expires_at: time("When it expires by itself."),
  }),
});
export type ReservationReply = Static<typeof reservationReply>;

export const quotaReply = Type.Object({
  merchant_id: Type.String(),
  currency: Type.String(),
  ...used,
  pending_amount: total("Taken and not yet settled or given back."),
  reserved_amount: total("Held by open reservations."),
  refunded_today: total("Given back in the running day."),
  refunded_month: total("Given back in the running month."),
  transactions_today: Type.Integer(),
  transactions_month: Type.Integer(),
  transactions_year: Type.Integer(),
  daily_reset_at: time("End of the day."),
  monthly_reset_at: time("End of the month."),
  yearly_reset_at: time("End of the year."),
  timezone: Type.String(),
  is_suspended: Type.Boolean(),
  suspended_at: timeOrNull("Since when."),
  suspended_reason: textOrNull("Why."),
  suspended_by: textOrNull("By whom."),
  last_order_no: textOrNull("The last order that changed it."),
  last_payment_no: textOrNull("The last payment that changed it."),
  last_updated_by: textOrNull("Who changed it last."),
  version: Type.Integer({ description: "Counts the changes; 0 = never used." }),
  created_at: timeOrNull("First use; null = never used."),
  updated_at: timeOrNull("Last change; null = never used."),
  ...limits,
  single_min: totalOrNull("Least amount of one order."),
  single_max: totalOrNull("Most of one order."),
  max_pending_amount: totalOrNull("Most that is taken and not settled."),
  max_refund_daily: totalOrNull("Most given back in a day."),
  max_refund_monthly: totalOrNull("Most given back in a month."),
  max_transactions_daily: countOrNull("Most orders in a day."),
  max_transactions_monthly: countOrNull("Most orders in a month."),
  ...limitsOrigin,
  ...remaining,
  resets_at: resetsAt,
  ...outlook,
});
export type QuotaReply = Static<typeof quotaReply>;

/** RFC 9457, and the numbers of a refusal. */
export const problemReply = Type.Object(
  {
    type: Type.String({ description: "Names the kind of problem, as its code does." }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String({ description: "Names this one request; it is in the log." }),
    success: Type.Boolean(),
    code: Type.String(),
    message: Type.String(),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), message: Type.String() }), {
        description: "Every wrong field of the request.",
      }),
    ),
    limit: Type.Optional(totalOrNull("The limit that refused.")),
    used: Type.Optional(totalOrNull("Used of it.")),
    reserved: Type.Optional(totalOrNull("Held of it.")),
    requested: Type.Optional(totalOrNull("What was asked.")),
    ...Type.Partial(Type.Object(limitsOrigin)).properties,
    remaining_daily: Type.Optional(remaining.remaining_daily),
    remaining_monthly: Type.Optional(remaining.remaining_monthly),
    remaining_yearly: Type.Optional(remaining.remaining_yearly),
    resets_at: Type.Optional(resetsAt),
    fits_at: Type.Optional(timeOrNull("When the same amount would fit; null = not by waiting.")),
  },
  { description: "RFC 9457 problem details." },
);
export type ProblemReply = Static<typeof problemReply>;

/** What each operation of a batch would have got by itself, with its status. */
export const batchReply = Type.Object({
  results: Type.Array(
    Type.Object({
      ...Type.Partial(
        Type.Object({
          ...quotaReply.properties,
          ...problemReply.properties,
          ...checkReply.properties,
          ...reservationReply.properties,
        }),
      ).properties,
      status: Type.Integer(),
    }),
  ),
});

const resetCounts = {
  period: windowField,
  keys: Type.Integer({ description: "Keys that were found." }),
  reset: Type.Integer({ description: "Keys that were reset." }),
  failed: Type.Array(
    Type.Object({ merchant_id: Type.String(), currency: Type.String(), code: Type.String() }),
    { description: "The first 100 that were not." },
  ),
};
export const resetReply = Type.Object({
  success: Type.Boolean({ description: "Every key was reset." }),
  ...resetCounts,
});
/** With the counts when there were many keys; without them of one key, or when nothing was begun. */
export const resetProblemReply = Type.Object(
  { ...problemReply.properties, ...Type.Partial(Type.Object(resetCounts)).properties },
  { description: "RFC 9457 problem details, with how many keys were reset." },
);

/** What stands in each of a merchant's currencies, by the limits that were fetched just now. */
export const refreshReply = Type.Object({
  success: Type.Boolean(),
  items: Type.Array(quotaReply),
});
