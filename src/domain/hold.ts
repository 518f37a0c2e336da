import type { Cancel, Confirm, Expire } from "./command.ts";
import {
  accepted,
  type Decision,
  none,
  noCount,
  refused,
  repeated,
  type Turn,
} from "./decision.ts";
import type { Change } from "./fact.ts";
import { minus } from "./money.ts";
import { effectOf, type Hold, type Order } from "./order.ts";
import { type PerWindow, perWindow } from "./period.ts";
import type { Quota } from "./quota.ts";

/**
 * Takes what was held, or a part of it. What is taken is charged to the periods that the hold was charged to, where
 * they still run: the hold has kept its place there, so no limit is asked again, and suspension does not stop it.
 */
export function confirm(
  quota: Quota,
  order: Order | undefined,
  command: Confirm,
  turn: Turn,
): Decision {
  const found = holdOf(order);
  if ("kind" in found) return found;
  const { hold } = found;
  const earlier = effectOf(found.order, "confirm");
  if (earlier) {
    const same = command.amount === null ? earlier.whole : earlier.amount === command.amount;
    if (same) return repeated(found.order, earlier);
    const numbers = { used: earlier.amount, requested: command.amount };
    return refused("ORDER_CONFLICT", "the order was confirmed with another amount", numbers);
  }
  const closed = closedHold(hold, turn);
  if (closed) return closed;
  const amount = command.amount ?? hold.amount;
  if (amount > hold.amount) {
    const numbers = { reserved: hold.amount, requested: amount };
    return refused("ORDER_CONFLICT", "the amount is more than was reserved", numbers);
  }
  const running = runningWindows(quota, found.order);
  return accepted(quota, command, turn, {
    amount,
    change: {
      used: perWindow((name) => (running[name] ? amount : 0n)),
      held: perWindow((name) => (running[name] ? minus(hold.amount) : 0n)),
      reserved: minus(hold.amount),
      pending: amount,
    },
    order: {
      ref: found.order.ref,
      charged: found.order.charged,
      change: { kind: "confirmed", amount, whole: amount === hold.amount },
    },
  });
}

/** Drops a hold: what it held returns. */
export function cancel(
  quota: Quota,
  order: Order | undefined,
  command: Cancel,
  turn: Turn,
): Decision {
  const found = holdOf(order);
  if ("kind" in found) return found;
  const earlier = effectOf(found.order, "cancel");
  if (earlier) return repeated(found.order, earlier);
  const closed = closedHold(found.hold, turn);
  if (closed) return closed;
  return accepted(quota, command, turn, {
    amount: found.hold.amount,
    change: dropped(quota, found.order, found.hold),
    order: {
      ref: found.order.ref,
      charged: found.order.charged,
      change: { kind: "dropped", as: "cancelled" },
    },
  });
}

/** Drops a hold whose time is over. */
export function expire(
  quota: Quota,
  order: Order | undefined,
  command: Expire,
  turn: Turn,
): Decision {
  const found = holdOf(order);
  if ("kind" in found) return found;
  const { hold } = found;
  if (hold.state !== "open" || hold.expiresAt > turn.now) {
    return refused("RESERVATION_CLOSED", "the reservation is not due to expire");
  }
  return accepted(quota, command, turn, {
    amount: hold.amount,
    change: dropped(quota, found.order, hold),
    order: {
      ref: found.order.ref,
      charged: found.order.charged,
      change: { kind: "dropped", as: "expired" },
    },
  });
}

/** Which of the periods that an order was charged to still run. */
export function runningWindows(quota: Quota, order: Order): PerWindow<boolean> {
  return perWindow((name) => quota.windows[name].period === order.charged[name]);
}

/** Why nothing can be done with a hold any more; undefined while it is open and in time. */
export function closedHold(hold: Hold, turn: Turn): Decision | undefined {
  if (hold.state === "expired" || (hold.state === "open" && hold.expiresAt <= turn.now)) {
    return refused("RESERVATION_EXPIRED", "the reservation has expired; use a new order_no");
  }
  if (hold.state === "open") return undefined;
  return refused("RESERVATION_CLOSED", `the reservation was ${hold.state}`);
}

function holdOf(order: Order | undefined): { order: Order; hold: Hold } | Decision {
  if (!order) return refused("ORDER_NOT_FOUND", "no order with this order_no");
  if (!order.hold) return refused("ORDER_CONFLICT", "the order was consumed, not reserved");
  return { order, hold: order.hold };
}

function dropped(quota: Quota, order: Order, hold: Hold): Change {
  const running = runningWindows(quota, order);
  return {
    used: none,
    held: perWindow((name) => (running[name] ? minus(hold.amount) : 0n)),
    count: perWindow((name) => (running[name] ? -1 : noCount[name])),
    refunded: 0n,
    pending: 0n,
    reserved: minus(hold.amount),
  };
}
