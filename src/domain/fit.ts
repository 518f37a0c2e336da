import type { Turn } from "./decision.ts";
import { later } from "./instant.ts";
import { type Minor, totalMax } from "./money.ts";
import { type WindowName, windowNames } from "./period.ts";
import { calendarOf, type Quota } from "./quota.ts";
import { refusalOf, type Refusal, type RefusalCode } from "./refusal.ts";

const amountCodes = {
  daily: "DAILY_LIMIT_EXCEEDED",
  monthly: "MONTHLY_LIMIT_EXCEEDED",
  yearly: "YEARLY_LIMIT_EXCEEDED",
} as const satisfies Record<WindowName, RefusalCode>;

const countCodes = { daily: "DAILY_COUNT_EXCEEDED", monthly: "MONTHLY_COUNT_EXCEEDED" } as const;

/**
 * Why a further amount does not fit, or undefined when it does: the rule of check, consume and reserve.
 *
 * Asked in the order suspension, single amount, amounts by day, month and year, counts, pending, so that the first
 * reason named is the one that a caller can do least about.
 * @param quota in its running periods
 */
export function misfit(quota: Quota, amount: Minor, turn: Turn): Refusal | undefined {
  return (
    suspended(quota) ??
    singleMisfit(amount, turn) ??
    amountMisfit(quota, amount, turn) ??
    countMisfit(quota, amount, turn) ??
    pendingMisfit(quota, amount, turn) ??
    overflow(quota, amount)
  );
}

function suspended(quota: Quota): Refusal | undefined {
  if (!quota.suspension) return undefined;
  return refusalOf("QUOTA_SUSPENDED", `suspended: ${quota.suspension.reason}`);
}

function singleMisfit(amount: Minor, { limits }: Turn): Refusal | undefined {
  const { singleMin, singleMax } = limits;
  if (singleMin !== null && amount < singleMin) {
    const numbers = { limit: singleMin, requested: amount };
    return refusalOf("BELOW_SINGLE_MINIMUM", "the amount is below the single minimum", numbers);
  }
  if (singleMax !== null && amount > singleMax) {
    const numbers = { limit: singleMax, requested: amount };
    return refusalOf("SINGLE_LIMIT_EXCEEDED", "the amount is above the single limit", numbers);
  }
  return undefined;
}

function amountMisfit(quota: Quota, amount: Minor, turn: Turn): Refusal | undefined {
  for (const name of windowNames) {
    if (fitsAmount(quota, name, amount, turn)) continue;
    const { used, held } = quota.windows[name];
    return refusalOf(amountCodes[name], `the ${name} limit would be passed`, {
      window: name,
      limit: turn.limits.windows[name],
      used,
      reserved: held,
      requested: amount,
      fitsAt: fitsAt(quota, amount, turn),
    });
  }
  return undefined;
}

function countMisfit(quota: Quota, amount: Minor, turn: Turn): Refusal | undefined {
  for (const name of ["daily", "monthly"] as const) {
    if (fitsCount(quota, name, turn)) continue;
    return refusalOf(countCodes[name], `the ${name} number of orders would be passed`, {
      window: name,
      limit: BigInt(turn.limits.counts[name] ?? 0),
      used: BigInt(quota.windows[name].count),
      requested: 1n,
      fitsAt: fitsAt(quota, amount, turn),
    });
  }
  return undefined;
}

function pendingMisfit(quota: Quota, amount: Minor, { limits }: Turn): Refusal | undefined {
  const limit = limits.maxPending;
  const { pending, reserved } = quota;
  if (limit === null || pending + reserved + amount <= limit) return undefined;
  const message = "the limit of amounts not yet settled would be passed";
  const numbers = { limit, used: pending, reserved, requested: amount };
  return refusalOf("PENDING_LIMIT_EXCEEDED", message, numbers);
}

function overflow(quota: Quota, amount: Minor): Refusal | undefined {
  const fits = (total: bigint) => total + amount <= totalMax;
  const { daily, monthly, yearly } = quota.windows;
  if (
    fits(daily.used + daily.held) &&
    fits(monthly.used + monthly.held) &&
    fits(yearly.used + yearly.held) &&
    fits(quota.pending + quota.reserved)
  ) {
    return undefined;
  }
  const message = "a total would pass what the service can count";
  return refusalOf("AMOUNT_OVERFLOW", message, { limit: totalMax, requested: amount });
}

function fitsAmount(quota: Quota, name: WindowName, amount: bigint, { limits }: Turn): boolean {
  const limit = limits.windows[name];
  const { used, held } = quota.windows[name];
  return limit === null || used + held + amount <= limit;
}

function fitsCount(quota: Quota, name: "daily" | "monthly", { limits }: Turn): boolean {
  const limit = limits.counts[name];
  return limit === null || quota.windows[name].count + 1 <= limit;
}

/** The end of the last window in which the amount does not fit now; null where waiting alone does not make it fit. */
function fitsAt(quota: Quota, amount: Minor, turn: Turn): Refusal["fitsAt"] {
  if (pendingMisfit(quota, amount, turn)) return null;
  const calendar = calendarOf(quota, turn.calendar);
  let at = turn.now;
  for (const name of windowNames) {
    const limit = turn.limits.windows[name];
    if (limit !== null && amount > limit) return null;
    const countFits = name === "yearly" || fitsCount(quota, name, turn);
    if (name !== "yearly" && turn.limits.counts[name] === 0) return null;
    if (countFits && fitsAmount(quota, name, amount, turn)) continue;
    at = later(at, calendar[name].endsAt);
  }
  return at;
}
