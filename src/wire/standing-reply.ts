import { exhaustsAt, usageTenThousandths } from "../domain/forecast.ts";
import type { Instant } from "../domain/instant.ts";
import type { Standing } from "../domain/outcome.ts";
import { remainingOf } from "../domain/quota.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { CheckReply, QuotaReply } from "./http-reply.ts";

/** Whether an amount would fit, and what stands. */
export function checkBody(refusal: Refusal | null, standing: Standing): CheckReply {
  const { limits } = standing;
  const no = refusal && {
    code: refusal.code,
    message: refusal.message,
    fits_at: timeTextOrNull(refusal.fitsAt),
  };
  return {
    allowed: refusal === null,
    ...no,
    ...remainingBody(standing),
    daily_limit: limits.windows.daily,
    monthly_limit: limits.windows.monthly,
    yearly_limit: limits.windows.yearly,
    resets_at: resetsAt(standing),
    ...outlook(standing),
    limits_source: limits.source,
    policy_version: limits.policyVersion,
  };
}

/** What is left of each window. */
export function remainingBody({ quota, limits }: Standing) {
  const { daily, monthly, yearly } = remainingOf(quota, limits);
  return { remaining_daily: daily, remaining_monthly: monthly, remaining_yearly: yearly };
}

/** When each window ends, in the merchant's zone. */
export function resetsAt({ calendar }: Standing): CheckReply["resets_at"] {
  const { daily, monthly, yearly } = calendar;
  return { daily: daily.endsAtText, monthly: monthly.endsAtText, yearly: yearly.endsAtText };
}

function outlook({ quota, limits, calendar, at }: Standing) {
  return {
    usage_rate: usageTenThousandths(quota, limits) / 10_000,
    forecast: { exhausts_at: timeTextOrNull(exhaustsAt(quota, limits, calendar, at)) },
  };
}

/** All that is known of a key. */
export function quotaBody(standing: Standing): QuotaReply {
  const { quota, limits, calendar } = standing;
  const { daily, monthly, yearly } = quota.windows;
  const wasUsed = quota.version > 0;
  return {
    merchant_id: quota.key.merchantId,
    currency: quota.key.currency,
    daily_used: daily.used,
    monthly_used: monthly.used,
    yearly_used: yearly.used,
    pending_amount: quota.pending,
    reserved_amount: quota.reserved,
    refunded_today: daily.refunded,
    refunded_month: monthly.refunded,
    transactions_today: daily.count,
    transactions_month: monthly.count,
    transactions_year: yearly.count,
    daily_reset_at: calendar.daily.endsAtText,
    monthly_reset_at: calendar.monthly.endsAtText,
    yearly_reset_at: calendar.yearly.endsAtText,
    timezone: calendar.zone,
    is_suspended: quota.suspension !== null,
    suspended_at: timeTextOrNull(quota.suspension?.at ?? null),
    suspended_reason: quota.suspension?.reason ?? null,
    suspended_by: quota.suspension?.by ?? null,
    last_order_no: quota.lastOrderNo,
    last_payment_no: quota.lastPaymentNo,
    last_updated_by: quota.lastUpdatedBy,
    version: quota.version,
    created_at: wasUsed ? timeText(quota.createdAt) : null,
    updated_at: wasUsed ? timeText(quota.updatedAt) : null,
    daily_limit: limits.windows.daily,
    monthly_limit: limits.windows.monthly,
    yearly_limit: limits.windows.yearly,
    single_min: limits.singleMin,
    single_max: limits.singleMax,
    max_pending_amount: limits.maxPending,
    max_refund_daily: limits.refunds.daily,
    max_refund_monthly: limits.refunds.monthly,
    max_transactions_daily: limits.counts.daily,
    max_transactions_monthly: limits.counts.monthly,
    limits_source: limits.source,
    policy_version: limits.policyVersion,
    ...remainingBody(standing),
    resets_at: resetsAt(standing),
    ...outlook(standing),
  };
}

/** RFC 3339, in UTC. */
export function timeText(at: Instant): string {
  return new Date(at).toISOString();
}

export function timeTextOrNull(at: Instant | null): string | null {
  return at === null ? null : timeText(at);
}
