import { instant, type Instant } from "./instant.ts";
import type { Limits } from "./limits.ts";
import { type Calendar, windowNames } from "./period.ts";
import { calendarOf, remainingOf, type Quota } from "./quota.ts";

/**
 * When the first window will be exhausted, if use goes on at its period's average rate so far: remaining divided by
 * used over elapsed. null = not before any window ends.
 */
export function exhaustsAt(
  quota: Quota,
  limits: Limits,
  calendar: Calendar,
  now: Instant,
): Instant | null {
  const remaining = remainingOf(quota, limits);
  const spans = calendarOf(quota, calendar);
  let earliest: Instant | null = null;
  for (const name of windowNames) {
    const left = remaining[name];
    const { used } = quota.windows[name];
    if (left === null || (used === 0n && left > 0n)) continue;
    const { startsAt, endsAt } = spans[name];
    const wait = left === 0n ? 0n : (left * BigInt(Math.max(now - startsAt, 1))) / used;
    if (BigInt(now) + wait >= BigInt(endsAt)) continue;
    const at = instant(now + Number(wait));
    if (earliest === null || at < earliest) earliest = at;
  }
  return earliest;
}

/** The highest share of a limit that is used, in ten-thousandths (10000 = all of it); 0 without limits. */
export function usageTenThousandths(quota: Quota, limits: Limits): number {
  let highest = 0n;
  for (const name of windowNames) {
    const limit = limits.windows[name];
    if (limit === null) continue;
    const { used } = quota.windows[name];
    const share = limit > 0n ? (used * 10_000n) / limit : used > 0n ? 10_000n : 0n;
    if (share > highest) highest = share;
  }
  return Number(highest);
}
