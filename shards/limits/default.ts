import type { DefaultLimits } from "../../src/config.ts";
import type { Limits } from "../../src/domain/limits.ts";
import { minor, type Minor } from "../../src/domain/money.ts";
import type { Zone } from "../../src/domain/period.ts";
import type { LimitsBook } from "../ports.ts";

/** The configured limits as the rules read them. */
export function defaultLimits(configured: DefaultLimits, zone: Zone): Limits {
  return {
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
}

/** The same limits for every key: what there is without a policy service. */
export function sameForAll(limits: () => Limits): LimitsBook {
  const ofAnyKey = {
    first: null,
    inForce: limits,
    hindrance: () => null,
    refreshIfOld: () => undefined,
    refresh: () => Promise.resolve(),
  };
  return { open: () => ofAnyKey };
}

function amountOrNone(amount: bigint | null): Minor | null {
  return amount === null ? null : minor(amount);
}

function countOrNone(count: bigint | null): number | null {
  return count === null ? null : Number(count);
}
