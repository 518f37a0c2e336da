import { instant, type Instant } from "../../src/domain/instant.ts";
import { type Key, keyOf, orderNoOf } from "../../src/domain/ids.ts";
import type { Limits } from "../../src/domain/limits.ts";
import { least, minor, type Minor, minus, totalMax, zero } from "../../src/domain/money.ts";
import type { Order } from "../../src/domain/order.ts";
import {
  type Calendar,
  type Period,
  type PerWindow,
  perWindow,
  type WindowName,
} from "../../src/domain/period.ts";
import type { Quota, Window } from "../../src/domain/quota.ts";
import { shardOf } from "../../src/wire/placement.ts";
import { type Image, orderImage, quotaImage } from "../../shards/store/image.ts";
import { currencyFrom } from "../../shards/store/stored.ts";
import type { PastCalendar } from "./calendar.ts";
import { logImage, type LogImage, type PastWindow, receiptOf } from "./past-log.ts";
import { consumed, type Oddity, ordersWith, type PastOrder, released } from "./past-order.ts";
import { legacyOperator, type LegacyLimits, type LegacyLog, suspensionOf } from "./row.ts";

/** What every merchant of one migration is mapped with. */
export interface Plan {
  /** Of the limits, which have none, and of the log rows that count. */
  readonly currency: string;
  readonly shardCount: number;
  readonly calendar: Calendar;
  readonly past: PastCalendar;
  readonly asOf: Instant;
  /** What is said of the limits until the policy service is asked. */
  readonly limits: Limits;
}

/** A migrated quota counts as its key's first change. */
export const migratedVersion = 1;

/**
 * A merchant while its log is read, oldest row first: what the old service did not count itself (the year's use, the
 * numbers of orders, what was given back in a month and a year) and the orders are put together from the rows.
 */
export class PastKey {
  readonly #plan: Plan;
  readonly #key: Key;
  readonly #shard: number;
  readonly #orders = new Map<string, PastOrder>();
  readonly #onOddity: (oddity: Oddity | "order_no_not_sendable") => void;
  #windows: Readonly<Record<WindowName, PastWindow>> | null = null;
  #lastOrderNo: string | null = null;
  #lastPaymentNo: string | null = null;

  constructor(
    plan: Plan,
    merchantId: Key["merchantId"],
    onOddity: (oddity: Oddity | "order_no_not_sendable") => void,
  ) {
    this.#plan = plan;
    this.#key = keyOf(merchantId, currencyFrom(plan.currency));
    this.#shard = shardOf(this.#key, plan.shardCount);
    this.#onOddity = onOddity;
  }

  get text(): string {
    return this.#key.text;
  }

  /** Takes a row. @returns the row of quota_usage_logs that it becomes */
  log(log: LegacyLog): LogImage {
    const periods = this.#plan.past.periodsAt(log.at);
    if (log.currency !== null && log.currency !== this.#plan.currency) {
      const key = keyOf(log.merchantId, currencyFrom(log.currency));
      const shard = shardOf(key, this.#plan.shardCount);
      return logImage(log, key, shard, periods, { before: zero, after: zero });
    }
    const windows = this.#windowsIn(periods);
    const before = windows.yearly.used;
    if (log.success) this.#count(log, windows, periods);
    const yearly = { before, after: windows.yearly.used };
    return logImage(log, this.#key, this.#shard, periods, yearly);
  }

  /** The rows of merchant_quotas and quota_orders. */
  rows(limits: LegacyLimits): { readonly quota: Image; readonly orders: readonly Image[] } {
    const { calendar, asOf, limits: inForce } = this.#plan;
    const quota = this.#quota(limits);
    const shard = this.#shard;
    return {
      quota: quotaImage(quota, { shard, calendar, limits: inForce }),
      orders: this.#ordersOf(limits).map(({ order, at }) =>
        orderImage(order, quota, { shard, at: instant(Math.min(at, asOf)) }),
      ),
    };
  }

  #ordersOf({ pending }: LegacyLimits): readonly { readonly order: Order; readonly at: Instant }[] {
    return ordersWith(pending, this.#orders.values());
  }

  /** A period that begins leaves what was counted in the one before behind. */
  #windowsIn(periods: PerWindow<Period>): Readonly<Record<WindowName, PastWindow>> {
    const last = this.#windows;
    const windows = perWindow((name): PastWindow => {
      const window = last?.[name];
      if (window && window.period === periods[name]) return window;
      return { period: periods[name], used: zero, count: 0, refunded: zero };
    });
    this.#windows = windows;
    return windows;
  }

  #count(log: LegacyLog, windows: PerWindow<PastWindow>, periods: PerWindow<Period>): void {
    if (log.action !== "consume" && log.action !== "release") return;
    const ref = log.orderNo === null ? undefined : orderNoOf(log.orderNo);
    const known = ref === undefined ? undefined : this.#orders.get(ref);
    if (log.action === "consume") {
      for (const window of Object.values(windows)) window.count += 1;
      windows.yearly.used = least(windows.yearly.used + log.amount, totalMax);
    } else {
      for (const window of Object.values(windows)) {
        window.refunded = least(window.refunded + log.amount, totalMax);
      }
      const charged = known?.charged.yearly ?? periods.yearly;
      if (charged === windows.yearly.period) {
        const { used } = windows.yearly;
        windows.yearly.used = minor(used + minus(least(log.amount, used)));
      }
    }
    this.#lastOrderNo = log.orderNo ?? this.#lastOrderNo;
    this.#lastPaymentNo = log.paymentNo ?? this.#lastPaymentNo;
    if (ref === undefined) {
      if (log.orderNo !== null) this.#onOddity("order_no_not_sendable");
      return;
    }
    const row = { log, periods, receipt: receiptOf(log, windows) };
    const { order, oddity } =
      log.action === "consume" ? consumed(known, ref, row) : released(known, ref, row);
    this.#orders.set(ref, order);
    if (oddity) this.#onOddity(oddity);
  }

  #quota(limits: LegacyLimits): Quota {
    const { asOf } = this.#plan;
    const isRunning = runningCounters(limits, asOf);
    const past = perWindow((name) => this.#pastIn(name));
    const daily = isRunning.daily ? limits.used.daily : zero;
    const monthly = isRunning.monthly ? limits.used.monthly : zero;
    const refundedToday = isRunning.daily ? limits.refundedToday : zero;
    const refundedMonth = greater(past.monthly.refunded, refundedToday);
    const windows: PerWindow<Window> = {
      daily: { ...past.daily, used: daily, refunded: refundedToday },
      monthly: { ...past.monthly, used: monthly, refunded: refundedMonth },
      yearly: {
        ...past.yearly,
        used: greater(past.yearly.used, greater(daily, monthly)),
        refunded: greater(past.yearly.refunded, refundedMonth),
      },
    };
    return {
      key: this.#key,
      windows,
      pending: limits.pending,
      reserved: zero,
      suspension: suspensionOf(limits, asOf),
      lastOrderNo: this.#lastOrderNo,
      lastPaymentNo: this.#lastPaymentNo,
      lastUpdatedBy: legacyOperator,
      version: migratedVersion,
      createdAt: earlier(limits.createdAt, asOf),
      updatedAt: earlier(limits.updatedAt, asOf),
    };
  }

  /** What the log says of the running period of a window. */
  #pastIn(name: WindowName): Window {
    const { period } = this.#plan.calendar[name];
    const window = this.#windows?.[name];
    const counted = window?.period === period ? window : { used: zero, count: 0, refunded: zero };
    const { used, count, refunded } = counted;
    return { period, used, held: zero, count, refunded, alerted: 0 };
  }
}

/**
 * Whether a counter belongs to the running day or month: the old service keeps the moment at which it will set it to
 * zero, so it does while that moment is still to come. Where it keeps none, the counter counts: too much use is
 * corrected by an operator, too little lets a merchant pass its limit.
 */
export function runningCounters(
  { resetAt }: LegacyLimits,
  asOf: Instant,
): { readonly daily: boolean; readonly monthly: boolean } {
  return {
    daily: resetAt.daily === null || resetAt.daily > asOf,
    monthly: resetAt.monthly === null || resetAt.monthly > asOf,
  };
}

function greater(a: Minor, b: Minor): Minor {
  return a > b ? a : b;
}

function earlier(at: Instant | null, asOf: Instant): Instant {
  return at === null || at > asOf ? asOf : at;
}
