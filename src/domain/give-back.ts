import type { Release, Settle } from "./command.ts";
import { accepted, type Decision, refused, repeated, type Turn } from "./decision.ts";
import { closedHold, runningWindows } from "./hold.ts";
import { later } from "./instant.ts";
import { least, minus, type Minor, totalMax } from "./money.ts";
import { effectOf, effectsMax, type Order, unreleased, unsettled } from "./order.ts";
import { perWindow, windowNames } from "./period.ts";
import { calendarOf, type Quota } from "./quota.ts";
import { refusalOf, type Refusal } from "./refusal.ts";

/**
 * Gives back all that is left of an order, or a slice.
 *
 * Invariant: used falls only in the periods that the order was charged to and that still run, never in a later one,
 * and never below zero (an adjustment may have lowered it already).
 */
export function release(
  quota: Quota,
  order: Order | undefined,
  command: Release,
  turn: Turn,
): Decision {
  const found = takenOrder(order, turn, "cancel it instead");
  if ("kind" in found) return found;
  // Without a number of its own, a release goes by the order's.
  const refundNo = command.refundNo ?? command.orderNo;
  const earlier = effectOf(found, "release", refundNo);
  if (earlier) {
    const same = command.amount === null ? earlier.whole : earlier.amount === command.amount;
    if (same) return repeated(found, earlier);
    const hint =
      refundNo === command.orderNo
        ? "give a refund_no for a further refund"
        : "the refund_no was used with another amount";
    return refused("ORDER_CONFLICT", hint, { used: earlier.amount, requested: command.amount });
  }
  const left = unreleased(found);
  const amount = command.amount ?? left;
  if (amount > left || left === 0n) {
    const message = "more would be given back than is left of the order";
    return refused("RELEASE_EXCEEDS_CONSUMED", message, { limit: left, requested: amount });
  }
  if (found.effects.length >= effectsMax && amount < left) {
    const message = `an order takes no more than ${effectsMax} operations: give back all that is left`;
    return refused("ORDER_CONFLICT", message, { limit: left, requested: amount });
  }
  const refusal = refundMisfit(quota, amount, turn);
  if (refusal) return { kind: "refused", refusal };
  const running = runningWindows(quota, found);
  const change = {
    used: perWindow((name) =>
      running[name] ? minus(least(amount, quota.windows[name].used)) : 0n,
    ),
    refunded: amount,
    pending: minus(least(amount, unsettled(found))),
  };
  return accepted(quota, command, turn, {
    amount,
    change,
    order: {
      ref: found.ref,
      charged: found.charged,
      change: { kind: "released", refundNo, amount, whole: amount === left },
    },
  });
}

/** Takes what is left of an order out of the pending amount. */
export function settle(
  quota: Quota,
  order: Order | undefined,
  command: Settle,
  turn: Turn,
): Decision {
  const found = takenOrder(order, turn, "confirm it first");
  if ("kind" in found) return found;
  const earlier = effectOf(found, "settle");
  if (earlier) return repeated(found, earlier);
  const amount = unsettled(found);
  return accepted(quota, command, turn, {
    amount,
    change: { pending: minus(amount) },
    order: { ref: found.ref, charged: found.charged, change: { kind: "settled", amount } },
  });
}

/** The order, if an amount was taken for it; else why not. */
function takenOrder(order: Order | undefined, turn: Turn, hint: string): Order | Decision {
  if (!order) return refused("ORDER_NOT_FOUND", "no order with this order_no");
  const { hold } = order;
  if (!hold || hold.state === "confirmed") return order;
  return closedHold(hold, turn) ?? refused("ORDER_RESERVED", `the order is reserved: ${hint}`);
}

const refundCodes = {
  daily: "REFUND_DAILY_LIMIT_EXCEEDED",
  monthly: "REFUND_MONTHLY_LIMIT_EXCEEDED",
} as const;

function refundMisfit(quota: Quota, amount: Minor, turn: Turn): Refusal | undefined {
  for (const name of ["daily", "monthly"] as const) {
    const limit = turn.limits.refunds[name];
    const { refunded } = quota.windows[name];
    if (limit === null || refunded + amount <= limit) continue;
    return refusalOf(refundCodes[name], `the ${name} refund limit would be passed`, {
      window: name,
      limit,
      used: refunded,
      requested: amount,
      fitsAt: refundFitsAt(quota, amount, turn),
    });
  }
  if (windowNames.some((name) => quota.windows[name].refunded + amount > totalMax)) {
    const numbers = { limit: totalMax, requested: amount };
    return refusalOf("AMOUNT_OVERFLOW", "a total would pass what the service can count", numbers);
  }
  return undefined;
}

/** The end of the last window whose refund limit is in the way; null if it is in the way of an empty one too. */
function refundFitsAt(quota: Quota, amount: Minor, turn: Turn): Refusal["fitsAt"] {
  const calendar = calendarOf(quota, turn.calendar);
  let at = turn.now;
  for (const name of ["daily", "monthly"] as const) {
    const limit = turn.limits.refunds[name];
    if (limit === null || quota.windows[name].refunded + amount <= limit) continue;
    if (amount > limit) return null;
    at = later(at, calendar[name].endsAt);
  }
  return at;
}
