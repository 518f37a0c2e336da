import { PastCalendar } from "../../ops/legacy/calendar.ts";
import type {
  Adjust,
  Cancel,
  Confirm,
  Consume,
  Expire,
  Operator,
  Release,
  Reserve,
  Reset,
  Resume,
  Settle,
  Suspend,
} from "../../src/domain/command.ts";
import { currenciesWith, type Currency, currencyOf } from "../../src/domain/currency.ts";
import type { Turn } from "../../src/domain/decision.ts";
import {
  type Key,
  keyOf,
  type MerchantId,
  merchantIdOf,
  type OrderNo,
  orderNoOf,
} from "../../src/domain/ids.ts";
import { instant, type Instant } from "../../src/domain/instant.ts";
import type { Limits, Threshold } from "../../src/domain/limits.ts";
import { type Minor, minor } from "../../src/domain/money.ts";
import {
  calendarAt,
  type PerWindow,
  perWindow,
  type WindowName,
  type Zone,
  zoneOf,
} from "../../src/domain/period.ts";
import { emptyQuota, type Quota, type Window } from "../../src/domain/quota.ts";

/** The value, or the end of the test: what a builder asks for exists. */
export function existing<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error("the test needs a value here");
  return value;
}

/** An instant from RFC 3339. */
export function at(text: string): Instant {
  return instant(Date.parse(text));
}

export function zone(text: string): Zone {
  return existing(zoneOf(text));
}

const currencies = currenciesWith(new Map());

export function key(merchantId = "M-1", currency = "USD"): Key {
  return keyOf(existing(merchantIdOf(merchantId)), existing(currencyOf(currencies, currency)));
}

/** A key of any two texts, for the hash alone. */
export function rawKey(merchantId: string, currency: string): Key {
  return keyOf(merchantId as MerchantId, currency as Currency);
}

/** Midday of an ordinary day: far from every border. */
export const midday = at("2026-11-22T12:00:00Z");

type Units = bigint | undefined;
interface LimitsWanted {
  readonly single?: { readonly min?: Units; readonly max?: Units };
  readonly daily?: Units;
  readonly monthly?: Units;
  readonly yearly?: Units;
  readonly counts?: { readonly daily?: number | undefined; readonly monthly?: number | undefined };
  readonly pending?: Units;
  readonly refunds?: { readonly daily?: Units; readonly monthly?: Units };
  readonly zone?: string;
}

/** Limits with those named; everything else is unlimited, the zone is UTC. */
export function limits(wanted: LimitsWanted = {}): Limits {
  return {
    singleMin: limit(wanted.single?.min),
    singleMax: limit(wanted.single?.max),
    windows: perWindow((name) => limit(wanted[name])),
    counts: { daily: wanted.counts?.daily ?? null, monthly: wanted.counts?.monthly ?? null },
    maxPending: limit(wanted.pending),
    refunds: { daily: limit(wanted.refunds?.daily), monthly: limit(wanted.refunds?.monthly) },
    zone: zone(wanted.zone ?? "UTC"),
    source: "policy",
    policyVersion: "7",
  };
}

function limit(units: Units): Minor | null {
  return units === undefined ? null : minor(units);
}

export const thresholds: readonly Threshold[] = [
  { percent: 80, level: "warning" },
  { percent: 100, level: "critical" },
];

/** By zone, with each day that was asked for: stories go to the same days again and again. */
const calendars = new Map<Zone, PastCalendar>();

function calendarsOf(its: Zone): PastCalendar {
  const known = calendars.get(its) ?? new PastCalendar(its);
  calendars.set(its, known);
  return known;
}

/** A turn at a time, under limits. */
export function turn(when: Instant | string = midday, inForce: Limits = limits()): Turn {
  const now = typeof when === "string" ? at(when) : when;
  return { now, limits: inForce, thresholds, calendar: calendarsOf(inForce.zone).at(now) };
}

interface QuotaWanted {
  readonly on?: Instant | string;
  readonly zone?: string;
  readonly used?: bigint;
  readonly daily?: Partial<Window>;
  readonly monthly?: Partial<Window>;
  readonly yearly?: Partial<Window>;
  readonly rest?: Partial<Omit<Quota, "windows">>;
}

/** The quota of a key that used an amount in all three periods of a day; a window's own wishes win. */
export function quotaWith(wanted: QuotaWanted = {}): Quota {
  const on = wanted.on ?? midday;
  const now = typeof on === "string" ? at(on) : on;
  const empty = emptyQuota(key(), calendarAt(now, zone(wanted.zone ?? "UTC")), now);
  const windows = perWindow((name) => ({
    ...empty.windows[name],
    used: minor(wanted.used ?? 0n),
    ...wanted[name],
  }));
  return { ...empty, version: 1, ...wanted.rest, windows };
}

export const operator: Operator = { id: "ann", type: "api" };

const origin = {
  key: key(),
  operator,
  traceId: null,
  paymentNo: null,
  remarks: null,
  metadata: null,
};

export function orderNo(text: string): OrderNo {
  return existing(orderNoOf(text));
}

export function consume(order: string, amount: bigint): Consume {
  return { ...origin, kind: "consume", orderNo: orderNo(order), amount: minor(amount) };
}

export function reserve(order: string, amount: bigint, ttlMs = 60_000): Reserve {
  return { ...origin, kind: "reserve", orderNo: orderNo(order), amount: minor(amount), ttlMs };
}

export function confirm(order: string, amount?: bigint): Confirm {
  return { ...origin, kind: "confirm", orderNo: orderNo(order), amount: limit(amount) };
}

export function cancel(order: string): Cancel {
  return { ...origin, kind: "cancel", orderNo: orderNo(order) };
}

export function expire(order: string): Expire {
  return { ...origin, kind: "expire", orderNo: orderNo(order) };
}

export function release(order: string, amount?: bigint, refundNo: string | null = null): Release {
  const asked = { orderNo: orderNo(order), refundNo, amount: limit(amount) };
  return { ...origin, kind: "release", ...asked };
}

export function settle(order: string): Settle {
  return { ...origin, kind: "settle", orderNo: orderNo(order) };
}

export function adjust(
  changes: Partial<PerWindow<bigint>>,
  adjustmentNo: string | null = null,
): Adjust {
  return {
    ...origin,
    kind: "adjust",
    changes: perWindow((name) => changes[name] ?? 0n),
    adjustmentNo,
  };
}

export function reset(window: WindowName): Reset {
  return { ...origin, kind: "reset", window };
}

export function suspend(reason = "chargebacks"): Suspend {
  return { ...origin, kind: "suspend", reason };
}

export function resume(): Resume {
  return { ...origin, kind: "resume" };
}
