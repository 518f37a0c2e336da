import type { Command } from "../../src/domain/command.ts";
import type { AlertRaised, ThresholdAlert } from "../../src/domain/fact.ts";
import type { Instant } from "../../src/domain/instant.ts";
import { minor, zero } from "../../src/domain/money.ts";
import { type Order, orderKeyOf } from "../../src/domain/order.ts";
import type { Quota } from "../../src/domain/quota.ts";
import { unreachable } from "../../src/domain/unreachable.ts";
import type { AlertEntry, Entry } from "../entry.ts";
import { storedEffect } from "./receipt.ts";

/** A row as the journal keeps it: a value for each column of its table, by name and in the table's order. */
export type Image = Readonly<Record<string, Value>>;
type Value = string | bigint | number | boolean | readonly string[] | null;

/** A row of quota_usage_logs. */
export function logImage(entry: Entry): Image {
  const { command, before, limits, result } = entry;
  const accepted = result.kind === "accepted" ? result : null;
  const after = accepted?.after ?? before;
  const charged = accepted?.fact.order?.charged ?? accepted?.fact.periods;
  const periods = charged ?? {
    daily: before.windows.daily.period,
    monthly: before.windows.monthly.period,
    yearly: before.windows.yearly.period,
  };
  return {
    id: entry.logId,
    shard: entry.shard,
    merchant_id: before.key.merchantId,
    currency: before.key.currency,
    order_no: "orderNo" in command ? command.orderNo : null,
    payment_no: command.paymentNo,
    refund_no: command.kind === "release" ? command.refundNo : null,
    action_type: command.kind,
    amount: accepted ? accepted.fact.amount : requestedAmount(command),
    daily_used_before: before.windows.daily.used,
    daily_used_after: after.windows.daily.used,
    monthly_used_before: before.windows.monthly.used,
    monthly_used_after: after.windows.monthly.used,
    yearly_used_before: before.windows.yearly.used,
    yearly_used_after: after.windows.yearly.used,
    pending_before: before.pending,
    pending_after: after.pending,
    reserved_before: before.reserved,
    reserved_after: after.reserved,
    daily_limit: limits.windows.daily,
    monthly_limit: limits.windows.monthly,
    yearly_limit: limits.windows.yearly,
    limits_source: limits.source,
    policy_version: limits.policyVersion,
    charged_periods: [periods.daily, periods.monthly, periods.yearly],
    success: accepted !== null,
    failure_reason: result.kind === "refused" ? result.code : null,
    operator_id: storable(command.operator.id),
    operator_type: command.operator.type,
    metadata: metadataText(command),
    remarks: remarksOf(command),
    trace_id: command.traceId,
    version: after.version,
    created_at: timeText(entry.at),
    // Its place in the chain is known when it is written into the table.
    chain_no: null,
    chain_before: null,
  };
}

/** A row of merchant_quotas. */
export function quotaImage(
  quota: Quota,
  entry: Pick<Entry, "shard" | "calendar" | "limits">,
): Image {
  const { daily, monthly, yearly } = quota.windows;
  const { calendar, limits } = entry;
  const { suspension } = quota;
  return {
    quota_key: quota.key.text,
    shard: entry.shard,
    merchant_id: quota.key.merchantId,
    currency: quota.key.currency,
    timezone: calendar.zone,
    daily_period: daily.period,
    monthly_period: monthly.period,
    yearly_period: yearly.period,
    daily_used: daily.used,
    monthly_used: monthly.used,
    yearly_used: yearly.used,
    daily_reserved: daily.held,
    monthly_reserved: monthly.held,
    yearly_reserved: yearly.held,
    pending_amount: quota.pending,
    reserved_amount: quota.reserved,
    refunded_today: daily.refunded,
    refunded_month: monthly.refunded,
    refunded_year: yearly.refunded,
    transactions_today: daily.count,
    transactions_month: monthly.count,
    transactions_year: yearly.count,
    daily_alerted: daily.alerted,
    monthly_alerted: monthly.alerted,
    yearly_alerted: yearly.alerted,
    daily_reset_at: calendar.daily.endsAtText,
    monthly_reset_at: calendar.monthly.endsAtText,
    yearly_reset_at: calendar.yearly.endsAtText,
    daily_limit: limits.windows.daily,
    monthly_limit: limits.windows.monthly,
    yearly_limit: limits.windows.yearly,
    limits_source: limits.source,
    policy_version: limits.policyVersion,
    is_suspended: suspension !== null,
    suspended_at: suspension && timeText(suspension.at),
    suspended_reason: suspension && storable(suspension.reason),
    suspended_by: suspension && storable(suspension.by),
    last_order_no: quota.lastOrderNo,
    last_payment_no: quota.lastPaymentNo,
    last_updated_by: quota.lastUpdatedBy === null ? null : storable(quota.lastUpdatedBy),
    version: quota.version,
    created_at: timeText(quota.createdAt),
    updated_at: timeText(quota.updatedAt),
  };
}

/** A row of quota_orders. */
export function orderImage(order: Order, quota: Quota, entry: Pick<Entry, "shard" | "at">): Image {
  const { hold, charged } = order;
  return {
    order_key: orderKeyOf(quota.key, order.ref),
    shard: entry.shard,
    amount: order.amount,
    released: order.released,
    settled: order.settled,
    charged_periods: [charged.daily, charged.monthly, charged.yearly],
    hold_state: hold && hold.state,
    hold_amount: hold && hold.amount,
    hold_expires_at: hold && timeText(hold.expiresAt),
    effects: order.effects.map(storedEffect),
    version: quota.version,
    updated_at: timeText(entry.at),
  };
}

/** A row of quota_alerts, raised by the change that made this quota. */
export function alertImage(alert: AlertEntry, entry: Entry, quota: Quota): Image {
  const { raised } = alert;
  return {
    id: alert.id,
    shard: entry.shard,
    merchant_id: quota.key.merchantId,
    currency: quota.key.currency,
    alert_type: alertType(raised),
    alert_level: raised.level,
    ...alertWords(raised, quota),
    is_resolved: false,
    resolved_at: null,
    resolved_by: null,
    resolve_notes: null,
    notification_sent: false,
    notification_sent_at: null,
    created_at: timeText(entry.at),
    version: quota.version,
    deliveries_made_at: null,
  };
}

/** `daily_80`, `monthly_100` … or `suspended`. */
export function alertType(raised: AlertRaised): string {
  return raised.kind === "suspended" ? raised.kind : `${raised.window}_${raised.percent}`;
}

/**
 * The columns that say what happened. A suspension measures no use; its period is the version that began it, so that
 * each one alerts once.
 */
function alertWords(raised: AlertRaised, quota: Quota): Image {
  switch (raised.kind) {
    case "threshold":
      return {
        message: `${raised.window} use reached ${raised.percent} % of the limit: ${raised.used} of ${raised.limit}`,
        current_used: raised.used,
        limit_amount: raised.limit,
        usage_percent: percentText(raised),
        period: quota.windows[raised.window].period,
      };
    case "suspended":
      return {
        message: storable(`suspended by ${raised.by}: ${raised.reason}`),
        current_used: zero,
        limit_amount: zero,
        usage_percent: "0.00",
        period: `v${quota.version}`,
      };
    default:
      return unreachable(raised);
  }
}

/** Two decimals, rounded down. */
function percentText({ used, limit }: ThresholdAlert): string {
  const hundredths = minor((used * 10_000n) / limit);
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, "0")}`;
}

function requestedAmount(command: Command): bigint {
  return "amount" in command ? (command.amount ?? zero) : zero;
}

function remarksOf(command: Command): string | null {
  const remarks = command.kind === "suspend" ? command.reason : command.remarks;
  return remarks === null ? null : storable(remarks);
}

/** A flat object as JSON, each name and text of which Postgres can store. */
function metadataText({ metadata }: Command): string | null {
  if (metadata === null) return null;
  const entries = Object.entries(metadata).map(([name, value]) => [
    storable(name),
    typeof value === "string" ? storable(value) : value,
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

const minuteMs = 60_000;
/** Minutes whose text is kept; then all are forgotten. */
const minutesMax = 1_000;
/** `2026-11-22T17:45:` by the minute: rows made in one go share few of them, and making it costs a date. */
const minuteTexts = new Map<number, string>();

function timeText(at: Instant): string {
  const minute = Math.floor(at / minuteMs);
  let text = minuteTexts.get(minute);
  if (text === undefined) {
    if (minuteTexts.size >= minutesMax) minuteTexts.clear();
    text = new Date(minute * minuteMs).toISOString().slice(0, -"00.000Z".length);
    minuteTexts.set(minute, text);
  }
  const padded = String(100_000 + at - minute * minuteMs);
  return `${text}${padded.slice(1, 3)}.${padded.slice(3)}Z`;
}

/**
 * Text that Postgres stores: NUL it refuses, and half a surrogate pair has no UTF-8. One such entry would fail its
 * whole batch. The edge refuses them already; this is the second lock on that door.
 */
function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}
