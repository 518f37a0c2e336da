import { suspensionAlerts } from "./alert.ts";
import type { Adjust, Reset, Resume, Suspend } from "./command.ts";
import { accepted, type Decision, refused, repeated, type Turn } from "./decision.ts";
import { totalMax } from "./money.ts";
import { adjustmentRef, type Order } from "./order.ts";
import { periodAfterReset, perWindow, windowNames } from "./period.ts";
import { periodsOf, type Quota } from "./quota.ts";

/** Corrects used by hand. It may pass a limit: the operator knows what happened. */
export function adjust(
  quota: Quota,
  order: Order | undefined,
  command: Adjust,
  turn: Turn,
): Decision {
  const { changes } = command;
  if (order) {
    const effect = order.effects.find(({ ref }) => ref === adjustmentRef(changes));
    if (effect) return repeated(order, effect);
    return refused("ORDER_CONFLICT", "the adjustment_no was used with other amounts");
  }
  for (const name of windowNames) {
    const { used, held } = quota.windows[name];
    const numbers = { window: null, used, requested: changes[name] };
    if (used + changes[name] < 0n) {
      return refused("ADJUST_BELOW_ZERO", `the ${name} use would fall below zero`, numbers);
    }
    if (used + held + changes[name] > totalMax) {
      const message = "a total would pass what the service can count";
      return refused("AMOUNT_OVERFLOW", message, { ...numbers, limit: totalMax });
    }
  }
  return accepted(quota, command, turn, {
    change: { used: changes },
    order:
      command.adjustmentNo === null
        ? null
        : {
            ref: `adjust ${command.adjustmentNo}`,
            charged: periodsOf(quota),
            change: { kind: "adjusted", changes },
          },
  });
}

/** Begins the running period anew, as if it had just turned: orders of before it give nothing back to it. */
export function reset(quota: Quota, command: Reset, turn: Turn): Decision {
  const periods = perWindow((name) => {
    const { period } = quota.windows[name];
    return name === command.window ? periodAfterReset(period) : period;
  });
  return accepted(quota, command, turn, { periods });
}

export function suspend(quota: Quota, command: Suspend, turn: Turn): Decision {
  const suspension = { at: turn.now, reason: command.reason, by: command.operator.id };
  const alerts = suspensionAlerts(quota, suspension);
  return accepted(quota, command, turn, { suspension, alerts });
}

export function resume(quota: Quota, command: Resume, turn: Turn): Decision {
  return accepted(quota, command, turn, { suspension: null });
}
