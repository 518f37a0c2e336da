import type { Key } from "../../src/domain/ids.ts";
import { type Minor, zero } from "../../src/domain/money.ts";
import type { Receipt } from "../../src/domain/order.ts";
import type { Period, PerWindow } from "../../src/domain/period.ts";
import { legacyOperator, type LegacyLog, shown } from "./row.ts";

/** Of log entries from before: they are none of the changes that a key's version counts. */
const pastVersion = 0;

/** What the log rows of one period come to. */
export interface PastWindow {
  readonly period: Period;
  used: Minor;
  count: number;
  refunded: Minor;
}

/** A row of quota_usage_logs by column; metadata is an object yet. */
export type LogImage = Readonly<Record<string, string | number | bigint | boolean | object | null>>;

/** @param yearly the year's use before and after the row, which the old service did not know */
export function logImage(
  log: LegacyLog,
  key: Key,
  shard: number,
  periods: PerWindow<Period>,
  yearly: { readonly before: bigint; readonly after: bigint },
): LogImage {
  return {
    id: log.id,
    shard,
    merchant_id: key.merchantId,
    currency: key.currency,
    order_no: log.orderNo,
    payment_no: log.paymentNo,
    refund_no: null,
    action_type: log.action,
    amount: log.amount,
    daily_used_before: log.dailyUsed.before,
    daily_used_after: log.dailyUsed.after,
    monthly_used_before: log.monthlyUsed.before,
    monthly_used_after: log.monthlyUsed.after,
    yearly_used_before: yearly.before,
    yearly_used_after: yearly.after,
    // The old log knows neither of the two.
    pending_before: 0,
    pending_after: 0,
    reserved_before: 0,
    reserved_after: 0,
    daily_limit: log.dailyLimit,
    monthly_limit: null,
    yearly_limit: null,
    limits_source: "last_known",
    policy_version: null,
    charged_periods: [periods.daily, periods.monthly, periods.yearly],
    success: log.success,
    failure_reason: log.success ? null : (log.failureReason ?? "FAILED"),
    operator_id: legacyOperator,
    operator_type: "system",
    metadata: log.metadata,
    remarks: null,
    trace_id: null,
    version: pastVersion,
    created_at: log.atText,
  };
}

/** The answer that a repeat of the row's command gets: the numbers that the old service noted with it. */
export function receiptOf(log: LegacyLog, windows: PerWindow<PastWindow>): Receipt {
  const used = {
    daily: shown(log.dailyUsed.after),
    monthly: shown(log.monthlyUsed.after),
    yearly: windows.yearly.used,
  };
  const daily = log.dailyLimit === null ? null : shown(log.dailyLimit - used.daily);
  return {
    logId: log.id,
    version: pastVersion,
    used,
    pending: zero,
    reserved: zero,
    transactionsToday: windows.daily.count,
    remaining: { daily, monthly: null, yearly: null },
    limitsSource: "last_known",
    policyVersion: null,
  };
}
