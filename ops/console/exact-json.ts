import type { Alert, Curve, LogEntry, LogStats, Problem, Quota, QuotaStats } from "./reply.ts";

type BigintNames<Reply> = {
  [Name in keyof Reply]-?: bigint extends Reply[Name] ? Name : never;
}[keyof Reply];

type TotalName =
  | BigintNames<Alert>
  | BigintNames<Curve>
  | BigintNames<Curve["points"][number]>
  | BigintNames<LogEntry>
  | BigintNames<LogStats["items"][number]>
  | BigintNames<Problem>
  | BigintNames<Quota>
  | BigintNames<QuotaStats["currencies"][number]>
  | BigintNames<QuotaStats["top"][number]>;

/** Every field of a reply that is a total: the compiler asks for each that the schemas have, and for no other. */
const totalNames: Readonly<Record<TotalName, true>> = {
  amount: true,
  count: true,
  current_used: true,
  daily_limit: true,
  daily_used: true,
  daily_used_after: true,
  daily_used_before: true,
  exhausted: true,
  limit: true,
  max_pending_amount: true,
  max_refund_daily: true,
  max_refund_monthly: true,
  merchants: true,
  monthly_limit: true,
  monthly_used: true,
  monthly_used_after: true,
  monthly_used_before: true,
  near_limit: true,
  pending_after: true,
  pending_amount: true,
  pending_before: true,
  refunded_month: true,
  refunded_today: true,
  remaining_daily: true,
  remaining_monthly: true,
  remaining_yearly: true,
  requested: true,
  reserved: true,
  reserved_after: true,
  reserved_amount: true,
  reserved_before: true,
  single_max: true,
  single_min: true,
  suspended: true,
  used: true,
  yearly_limit: true,
  yearly_used: true,
  yearly_used_after: true,
  yearly_used_before: true,
};

/**
 * Reads a reply: totals are bigint, exact where the browser tells a number's own text, as those of 2025 do.
 * @throws SyntaxError when it is no JSON
 */
export function exactFrom(text: string): unknown {
  return JSON.parse(text, (name, value: unknown, context?: { readonly source?: string }) =>
    typeof value === "number" && Object.hasOwn(totalNames, name)
      ? BigInt(context?.source ?? value)
      : value,
  );
}
