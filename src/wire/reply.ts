import type { Command, Question } from "../domain/command.ts";
import { exhaustsAt, usageTenThousandths } from "../domain/forecast.ts";
import type { Instant } from "../domain/instant.ts";
import type { Order, Receipt } from "../domain/order.ts";
import type { Outcome, Standing } from "../domain/outcome.ts";
import { remainingOf } from "../domain/quota.ts";
import type { Refusal } from "../domain/refusal.ts";
import { unreachable } from "../domain/unreachable.ts";
import type { Fault } from "./fault.ts";
import { problem, problems, type Reply } from "./http-problem.ts";
import type { CheckReply, CommandReply, QuotaReply, ReservationReply } from "./http-reply.ts";

const json = "application/json";

/** How long a caller waits before it tries again after a fault that changed nothing. */
const faultRetryAfterSeconds = "1";

/** What the caller is told of an outcome. */
export function replyOf(request: Command | Question, outcome: Outcome, requestId: string): Reply {
  switch (outcome.kind) {
    case "accepted":
      return ok(acceptedBody(request, outcome));
    case "checked":
      return ok(checkBody(outcome.refusal, outcome.standing));
    case "stands":
      return ok(quotaBody(outcome.standing));
    case "refused":
      return refusalReply(outcome.refusal, outcome.standing, requestId);
    default:
      return unreachable(outcome);
  }
}

/** What the caller is told of a fault. A bug's own words stay in the log. */
export function faultReply(fault: Fault, requestId: string): Reply {
  const { code } = fault;
  if (code === "INTERNAL") return problem(code, "an internal error happened", requestId);
  const message =
    code === "OUTCOME_UNKNOWN"
      ? "nobody can say yet whether it was done; sending the same order_no again is safe"
      : fault.message;
  return problem(code, message, requestId, { headers: { "retry-after": faultRetryAfterSeconds } });
}

function ok(body: object): Reply {
  return { status: 200, mediaType: json, headers: null, body };
}

function acceptedBody(
  request: Command | Question,
  outcome: Outcome & { readonly kind: "accepted" },
): CommandReply | ReservationReply {
  const body = receiptBody(outcome.receipt, outcome.duplicate);
  const isOfHold =
    request.kind === "reserve" || request.kind === "confirm" || request.kind === "cancel";
  return isOfHold ? { ...body, ...reservationOf(outcome.order) } : body;
}

function receiptBody(receipt: Receipt, duplicate: boolean): CommandReply {
  const { used, remaining } = receipt;
  return {
    success: true,
    duplicate,
    daily_used: used.daily,
    monthly_used: used.monthly,
    yearly_used: used.yearly,
    pending_amount: receipt.pending,
    reserved_amount: receipt.reserved,
    transactions_today: receipt.transactionsToday,
    remaining_daily: remaining.daily,
    remaining_monthly: remaining.monthly,
    remaining_yearly: remaining.yearly,
    version: receipt.version,
    log_id: receipt.logId,
    limits_source: receipt.limitsSource,
  };
}

function reservationOf(order: Order | null): Pick<ReservationReply, "order_no" | "reservation"> {
  if (!order?.hold) throw new Error("a reservation was accepted without one");
  const { state, amount, expiresAt } = order.hold;
  return { order_no: order.ref, reservation: { state, amount, expires_at: timeText(expiresAt) } };
}

function checkBody(refusal: Refusal | null, standing: Standing): CheckReply {
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
  };
}

function refusalReply(refusal: Refusal, standing: Standing, requestId: string): Reply {
  const { code, window, limit, used, reserved, requested, fitsAt } = refusal;
  const numbers = {
    limit,
    used,
    reserved,
    requested,
    ...remainingBody(standing),
    resets_at: resetsAt(standing),
    fits_at: timeTextOrNull(fitsAt),
  };
  if (problems[code][0] !== 429) return problem(code, refusal.message, requestId, { numbers });
  const endsAt = standing.calendar[window ?? "daily"].endsAt;
  const seconds = Math.max(1, Math.ceil((endsAt - standing.at) / 1_000));
  const headers = { "retry-after": String(seconds) };
  return problem(code, refusal.message, requestId, { numbers, headers });
}

function remainingBody({ quota, limits }: Standing) {
  const { daily, monthly, yearly } = remainingOf(quota, limits);
  return { remaining_daily: daily, remaining_monthly: monthly, remaining_yearly: yearly };
}

function resetsAt({ calendar }: Standing): CheckReply["resets_at"] {
  const { daily, monthly, yearly } = calendar;
  return { daily: daily.endsAtText, monthly: monthly.endsAtText, yearly: yearly.endsAtText };
}

function outlook({ quota, limits, calendar, at }: Standing) {
  return {
    usage_rate: usageTenThousandths(quota, limits) / 10_000,
    forecast: { exhausts_at: timeTextOrNull(exhaustsAt(quota, limits, calendar, at)) },
  };
}

function quotaBody(standing: Standing): QuotaReply {
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

function timeText(at: Instant): string {
  return new Date(at).toISOString();
}

function timeTextOrNull(at: Instant | null): string | null {
  return at === null ? null : timeText(at);
}
