import type { Key } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { Limits } from "./limits.ts";
import { atLeastZero, type Minor, zero } from "./money.ts";
import {
  type Calendar,
  calendarPeriod,
  type Period,
  type PerWindow,
  perWindow,
  spanOf,
} from "./period.ts";

/** Use in one period. */
export interface Window {
  readonly period: Period;
  readonly used: Minor;
  /** Held by open reservations that were charged to this period. */
  readonly held: Minor;
  /** Orders taken or held in this period. */
  readonly count: number;
  readonly refunded: Minor;
  /** The highest alert threshold raised in this period, in percent; 0 = none. */
  readonly alerted: number;
}

export interface Suspension {
  readonly at: Instant;
  readonly reason: string;
  readonly by: string;
}

/** What a key has used: the state that one actor owns. */
export interface Quota {
  readonly key: Key;
  readonly windows: PerWindow<Window>;
  /** Taken and neither settled nor given back. */
  readonly pending: Minor;
  /** Held by all open reservations, whichever period they were charged to. */
  readonly reserved: Minor;
  readonly suspension: Suspension | null;
  readonly lastOrderNo: string | null;
  readonly lastPaymentNo: string | null;
  readonly lastUpdatedBy: string | null;
  /** Counts the changes of this key; 0 = never used. */
  readonly version: number;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

function emptyWindow(period: Period): Window {
  return { period, used: zero, held: zero, count: 0, refunded: zero, alerted: 0 };
}

/** A key that was never used. */
export function emptyQuota(key: Key, calendar: Calendar, now: Instant): Quota {
  return {
    key,
    windows: perWindow((name) => emptyWindow(calendar[name].period)),
    pending: zero,
    reserved: zero,
    suspension: null,
    lastOrderNo: null,
    lastPaymentNo: null,
    lastUpdatedBy: null,
    version: 0,
    createdAt: now,
    updatedAt: now,
  };
}

/**
 * The quota with the windows of the running periods: a period that has ended leaves an empty window behind.
 *
 * Invariant: a period never gives way to an earlier one, so neither a clock that jumps back nor a move to a zone
 * further west lets a merchant spend a period twice.
 */
export function rolled(quota: Quota, calendar: Calendar): Quota {
  if (runsIn(quota, calendar)) return quota;
  const periods = perWindow((name) => {
    const running = quota.windows[name].period;
    const due = calendar[name].period;
    return due > calendarPeriod(running) ? due : running;
  });
  return inPeriods(quota, periods);
}

/**
 * The calendar of the periods that the quota's windows run in: what its resets_at and fits_at are read from. It differs
 * from the calendar of now after a move to a zone further west, until that zone has caught up.
 * @param quota in its running periods
 */
export function calendarOf(quota: Quota, calendar: Calendar): Calendar {
  if (runsIn(quota, calendar)) return calendar;
  const spans = perWindow((name) => {
    const running = quota.windows[name].period;
    const span = calendar[name];
    return calendarPeriod(running) === span.period ? span : spanOf(running, calendar.zone);
  });
  return { ...spans, zone: calendar.zone };
}

function runsIn({ windows }: Quota, calendar: Calendar): boolean {
  return (
    windows.daily.period === calendar.daily.period &&
    windows.monthly.period === calendar.monthly.period &&
    windows.yearly.period === calendar.yearly.period
  );
}

/** The periods that its windows run in. */
export function periodsOf({ windows: { daily, monthly, yearly } }: Quota): PerWindow<Period> {
  return { daily: daily.period, monthly: monthly.period, yearly: yearly.period };
}

/** The quota in the given periods; a window of another period is emptied. */
export function inPeriods(quota: Quota, periods: PerWindow<Period>): Quota {
  const { daily, monthly, yearly } = quota.windows;
  if (
    daily.period === periods.daily &&
    monthly.period === periods.monthly &&
    yearly.period === periods.yearly
  ) {
    return quota;
  }
  const windows = perWindow((name) => {
    const window = quota.windows[name];
    return window.period === periods[name] ? window : emptyWindow(periods[name]);
  });
  return { ...quota, windows };
}

/** What is left of each window's limit, held amounts taken off; null = unlimited. Never negative. */
export function remainingOf(quota: Quota, limits: Limits): PerWindow<Minor | null> {
  return perWindow((name) => {
    const limit = limits.windows[name];
    const { used, held } = quota.windows[name];
    return limit === null ? null : atLeastZero(limit - used - held);
  });
}
