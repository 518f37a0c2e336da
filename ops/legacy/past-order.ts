import type { Instant } from "../../src/domain/instant.ts";
import { atLeastZero, least, minor, type Minor, totalMax, zero } from "../../src/domain/money.ts";
import { type Effect, effectsMax, type Order, type Receipt } from "../../src/domain/order.ts";
import type { Period, PerWindow } from "../../src/domain/period.ts";
import type { LegacyLog } from "./row.ts";

/** What an order is being put together from, the rows of its number from the oldest on. */
export interface PastOrder {
  readonly ref: string;
  amount: Minor;
  released: Minor;
  charged: PerWindow<Period>;
  readonly effects: Effect[];
  /** It is known by what was given back only: its consume is not in the log any more. */
  isHeadless: boolean;
  lastAt: Instant;
}

/** What of an order is odd enough to be told. */
export type Oddity = "consumed_again" | "released_too_much" | "consume_unknown";

/** One row about an order, with what stood after it. */
export interface OrderRow {
  readonly log: LegacyLog;
  readonly periods: PerWindow<Period>;
  readonly receipt: Receipt;
}

/** A consume. A number that was consumed before takes both amounts, in the periods of the later one. */
export function consumed(
  before: PastOrder | undefined,
  ref: string,
  { log, periods, receipt }: OrderRow,
): { readonly order: PastOrder; readonly oddity: Oddity | null } {
  const effect = effectOf("consume", null, log.amount, true, receipt);
  if (!before) {
    const { amount, at: lastAt } = log;
    const order = {
      ref,
      amount,
      released: zero,
      charged: periods,
      effects: [effect],
      isHeadless: false,
      lastAt,
    };
    return { order, oddity: null };
  }
  before.amount = least(before.amount + log.amount, totalMax);
  before.isHeadless = false;
  before.charged = periods;
  before.lastAt = log.at;
  return { order: before, oddity: "consumed_again" };
}

/**
 * A release, up to what is left. Where the consume is not in the log, the order is taken to have been of the amount
 * that was given back: sent again it is known, and there is nothing left to give back.
 */
export function released(
  before: PastOrder | undefined,
  ref: string,
  { log, periods, receipt }: OrderRow,
): { readonly order: PastOrder; readonly oddity: Oddity | null } {
  const order = before ?? {
    ref,
    amount: zero,
    released: zero,
    charged: periods,
    effects: [],
    isHeadless: true,
    lastAt: log.at,
  };
  if (order.isHeadless) {
    order.amount = least(order.amount + log.amount, totalMax);
    const receiptOfFirst = order.effects[0]?.receipt ?? receipt;
    order.effects[0] = effectOf("consume", null, order.amount, true, receiptOfFirst);
  }
  const left = minor(order.amount - order.released);
  const amount = least(log.amount, left);
  order.released = minor(order.released + amount);
  order.lastAt = log.at;
  if (order.effects.length < effectsMax) {
    const isFirst = !order.effects.some(({ action }) => action === "release");
    // A refund_no holds no space, so that none that is sent can meet the later ones.
    const number = isFirst ? ref : `legacy ${log.id}`;
    order.effects.push(effectOf("release", number, amount, amount === left, receipt));
  }
  if (!before) return { order, oddity: "consume_unknown" };
  return { order, oddity: amount < log.amount ? "released_too_much" : null };
}

/**
 * The orders as they are stored. The old log knows no settlement, so the newest orders are taken to be the ones that
 * are still pending, up to the merchant's pending amount, and the older ones to be settled.
 *
 * Invariant: what is unsettled of all of them is not more than `pending`, or giving back would take it below zero.
 */
export function ordersWith(
  pending: Minor,
  past: Iterable<PastOrder>,
): readonly { readonly order: Order; readonly at: Instant }[] {
  let left: bigint = pending;
  const newestFirst = [...past].sort((a, b) => b.lastAt - a.lastAt || (a.ref < b.ref ? -1 : 1));
  return newestFirst.map(({ ref, amount, released: givenBack, charged, effects, lastAt }) => {
    const open = minor(amount - givenBack);
    const unsettled = least(open, left);
    left -= unsettled;
    const settled = atLeastZero(open - unsettled);
    const order: Order = {
      ref,
      amount,
      charged,
      released: givenBack,
      settled,
      hold: null,
      effects,
    };
    return { order, at: lastAt };
  });
}

function effectOf(
  action: "consume" | "release",
  ref: string | null,
  amount: Minor,
  whole: boolean,
  receipt: Receipt,
): Effect {
  return { action, ref, amount, whole, receipt };
}
