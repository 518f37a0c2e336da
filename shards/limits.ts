import type { DefaultLimits } from "../src/config.ts";
import type { Limits } from "../src/domain/limits.ts";
import { minor, type Minor } from "../src/domain/money.ts";
import type { Zone } from "../src/domain/period.ts";
import type { LimitsBook } from "./ports.ts";

/** The same limits and zone for every key: the configured defaults. */
export function defaultLimits(configured: DefaultLimits, zone: Zone): LimitsBook {
  const limits: Limits = {
    singleMin: amountOrNone(configured.singleMin),
    singleMax: amountOrNone(configured.singleMax),
    windows: {
      daily: amountOrNone(configured.daily),
      monthly: amountOrNone(configured.monthly),
      yearly: amountOrNone(configured.yearly),
    },
    counts: {
      daily: countOrNone(configured.maxTransactionsDaily),
      monthly: countOrNone(configured.maxTransactionsMonthly),
    },
    maxPending: amountOrNone(configured.maxPending),
    refunds: {
      daily: amountOrNone(configured.maxRefundDaily),
      monthly: amountOrNone(configured.maxRefundMonthly),
    },
    zone,
    source: "default",
    policyVersion: null,
  };
  return { of: () => limits };
}

function amountOrNone(amount: bigint | null): Minor | null {
  return amount === null ? null : minor(amount);
}

function countOrNone(count: bigint | null): number | null {
  return count === null ? null : Number(count);
}
