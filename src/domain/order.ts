import type { Action, Command } from "./command.ts";
import type { Fact, OrderChange } from "./fact.ts";
import type { Key } from "./ids.ts";
import type { Instant } from "./instant.ts";
import type { LimitsSource } from "./limits.ts";
import { atLeastZero, minor, type Minor, zero } from "./money.ts";
import type { Period, PerWindow } from "./period.ts";
import { unreachable } from "./unreachable.ts";

/** What an accepted command was answered with: kept with its order, so that a repeat gets the same answer. */
export interface Receipt {
  readonly logId: string;
  readonly version: number;
  readonly used: PerWindow<Minor>;
  readonly pending: Minor;
  readonly reserved: Minor;
  readonly transactionsToday: number;
  readonly remaining: PerWindow<Minor | null>;
  readonly limitsSource: LimitsSource;
  readonly policyVersion: string | null;
}

/** One thing that was done under an order's number, once and for all. */
export interface Effect {
  readonly action: Action;
  /** The refund_no of a release, or the signed changes of an adjustment. */
  readonly ref: string | null;
  readonly amount: Minor;
  /** The amount was all that there was: a repeat that names no amount is the same content. */
  readonly whole: boolean;
  readonly receipt: Receipt;
}

/** A reservation: open → confirmed | cancelled | expired, and never back. */
export interface Hold {
  readonly state: "open" | "confirmed" | "cancelled" | "expired";
  readonly amount: Minor;
  readonly expiresAt: Instant;
}

/** What a number of the gateway did. Kept for ever: idempotency does not expire. */
export interface Order {
  readonly ref: string;
  /** Taken: consumed or confirmed; zero while held and after a hold was dropped. */
  readonly amount: Minor;
  readonly charged: PerWindow<Period>;
  readonly released: Minor;
  readonly settled: Minor;
  readonly hold: Hold | null;
  readonly effects: readonly Effect[];
}

/** A release with one number is one effect of its order; more would make the order's row grow without bound. */
export const effectsMax = 200;

/**
 * The name under which a command's idempotency is kept: the order_no, or `adjust <adjustment_no>` (an order_no holds
 * no space, so they cannot meet); null = the command is not idempotent by a number.
 */
export function orderRefOf(command: Command): string | null {
  switch (command.kind) {
    case "consume":
    case "reserve":
    case "confirm":
    case "cancel":
    case "expire":
    case "release":
    case "settle":
      return command.orderNo;
    case "adjust":
      return command.adjustmentNo === null ? null : `adjust ${command.adjustmentNo}`;
    case "reset":
    case "suspend":
    case "resume":
      return null;
    default:
      return unreachable(command);
  }
}

/** The name of an order across all keys: what quota_orders is found by. */
export function orderKeyOf(key: Key, ref: string): string {
  return `${key.text} ${ref}`;
}

export function effectOf(
  order: Order,
  action: Action,
  ref: string | null = null,
): Effect | undefined {
  return order.effects.find((effect) => effect.action === action && effect.ref === ref);
}

/** What can still be given back. */
export function unreleased(order: Order): Minor {
  return minor(order.amount - order.released);
}

/** What still counts as pending: neither given back nor settled. */
export function unsettled(order: Order): Minor {
  return atLeastZero(order.amount - order.released - order.settled);
}

/** The order after a fact of its own. Pure; a fact decided on this order always fits it. */
export function orderAfter(before: Order | undefined, fact: Fact, receipt: Receipt): Order {
  if (!fact.order) throw new Error(`a ${fact.action} fact belongs to no order`);
  const { ref, charged, change } = fact.order;
  const order = before ?? {
    ref,
    amount: zero,
    charged,
    released: zero,
    settled: zero,
    hold: null,
    effects: [],
  };
  const effects = [...order.effects, { action: fact.action, receipt, ...contentOf(change) }];
  return { ...order, ...changed(order, change), effects };
}

function changed(order: Order, change: OrderChange): Partial<Order> {
  switch (change.kind) {
    case "taken":
      return { amount: change.amount };
    case "held":
      return { hold: { state: "open", amount: change.amount, expiresAt: change.expiresAt } };
    case "confirmed":
      return { amount: change.amount, hold: order.hold && { ...order.hold, state: "confirmed" } };
    case "dropped":
      return { hold: order.hold && { ...order.hold, state: change.as } };
    case "released":
      return { released: minor(order.released + change.amount) };
    case "settled":
      return { settled: minor(order.settled + change.amount) };
    case "adjusted":
      return {};
    default:
      return unreachable(change);
  }
}

function contentOf(change: OrderChange): Pick<Effect, "ref" | "amount" | "whole"> {
  switch (change.kind) {
    case "taken":
    case "held":
      return { ref: null, amount: change.amount, whole: true };
    case "confirmed":
      return { ref: null, amount: change.amount, whole: change.whole };
    case "released":
      return { ref: change.refundNo, amount: change.amount, whole: change.whole };
    case "settled":
      return { ref: null, amount: change.amount, whole: true };
    case "dropped":
      return { ref: null, amount: zero, whole: true };
    case "adjusted":
      return { ref: adjustmentRef(change.changes), amount: zero, whole: true };
    default:
      return unreachable(change);
  }
}

/** The content of an adjustment, as one text to compare. */
export function adjustmentRef(changes: PerWindow<bigint>): string {
  return `${changes.daily} ${changes.monthly} ${changes.yearly}`;
}
