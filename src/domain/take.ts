import type { Consume, Reserve } from "./command.ts";
import { accepted, type Decision, refused, repeated, type Turn } from "./decision.ts";
import { misfit } from "./fit.ts";
import { closedHold } from "./hold.ts";
import { instant } from "./instant.ts";
import { effectOf, type Order } from "./order.ts";
import { perWindow } from "./period.ts";
import { periodsOf, type Quota } from "./quota.ts";

const one = perWindow(() => 1);

/** Takes the amount in the running periods, all or nothing. */
export function consume(
  quota: Quota,
  order: Order | undefined,
  command: Consume,
  turn: Turn,
): Decision {
  if (order) return consumeAgain(order, command, turn);
  const refusal = misfit(quota, command.amount, turn);
  if (refusal) return { kind: "refused", refusal };
  const { amount } = command;
  return accepted(quota, command, turn, {
    amount,
    change: { used: perWindow(() => amount), count: one, pending: amount },
    order: {
      ref: command.orderNo,
      charged: periodsOf(quota),
      change: { kind: "taken", amount },
    },
  });
}

/** Holds the amount in the running periods: it counts against every limit as if it were taken. */
export function reserve(
  quota: Quota,
  order: Order | undefined,
  command: Reserve,
  turn: Turn,
): Decision {
  if (order) return reserveAgain(order, command);
  const refusal = misfit(quota, command.amount, turn);
  if (refusal) return { kind: "refused", refusal };
  const { amount } = command;
  const expiresAt = instant(turn.now + command.ttlMs);
  return accepted(quota, command, turn, {
    amount,
    change: { held: perWindow(() => amount), count: one, reserved: amount },
    order: {
      ref: command.orderNo,
      charged: periodsOf(quota),
      change: { kind: "held", amount, expiresAt },
    },
  });
}

function consumeAgain(order: Order, command: Consume, turn: Turn): Decision {
  const effect = effectOf(order, "consume");
  if (!effect) return reservedBefore(order, turn);
  if (effect.amount === command.amount) return repeated(order, effect);
  return refused("ORDER_CONFLICT", "the order was consumed with another amount", {
    used: effect.amount,
    requested: command.amount,
  });
}

function reservedBefore(order: Order, turn: Turn): Decision {
  if (order.hold?.state === "confirmed") {
    return refused("ORDER_CONFLICT", "the order was reserved and confirmed");
  }
  const closed = order.hold ? closedHold(order.hold, turn) : undefined;
  return closed ?? refused("ORDER_RESERVED", "the order is reserved: confirm it instead");
}

function reserveAgain(order: Order, command: Reserve): Decision {
  const effect = effectOf(order, "reserve");
  if (!effect) return refused("ORDER_CONFLICT", "the order was consumed, not reserved");
  if (effect.amount === command.amount) return repeated(order, effect);
  return refused("ORDER_CONFLICT", "the order was reserved with another amount", {
    reserved: effect.amount,
    requested: command.amount,
  });
}
