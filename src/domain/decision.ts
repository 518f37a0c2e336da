import type { Action, Command } from "./command.ts";
import { alertsRaised } from "./alert.ts";
import type { Change, Fact } from "./fact.ts";
import { type Instant } from "./instant.ts";
import type { Limits, Threshold } from "./limits.ts";
import { type Minor, zero } from "./money.ts";
import type { Effect, Order, Receipt } from "./order.ts";
import { type Calendar, perWindow } from "./period.ts";
import { periodsOf, type Quota } from "./quota.ts";
import { refusalOf, type Refusal, type RefusalCode } from "./refusal.ts";

/** What a turn decides by: the time, the limits and the calendar of the merchant's zone at that time. */
export interface Turn {
  readonly now: Instant;
  readonly limits: Limits;
  readonly thresholds: readonly Threshold[];
  readonly calendar: Calendar;
}

/** Yes, no, or "that was done before". */
export type Decision =
  | { readonly kind: "accepted"; readonly fact: Fact }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "duplicate"; readonly receipt: Receipt; readonly order: Order };

export const none = perWindow(() => 0n);
export const noCount = perWindow(() => 0);
export const noChange: Change = {
  used: none,
  held: none,
  count: noCount,
  refunded: 0n,
  pending: 0n,
  reserved: 0n,
};

export function refused(
  code: RefusalCode,
  message: string,
  numbers?: Parameters<typeof refusalOf>[2],
): Decision {
  return { kind: "refused", refusal: refusalOf(code, message, numbers) };
}

/** The same content again: the first answer. */
export function repeated(order: Order, effect: Effect): Decision {
  return { kind: "duplicate", receipt: effect.receipt, order };
}

interface Outcome {
  readonly amount?: Minor;
  readonly change?: Partial<Change>;
  readonly order?: Fact["order"];
  readonly periods?: Fact["periods"];
  readonly suspension?: Fact["suspension"];
  /** In place of those of the thresholds that the change crosses. */
  readonly alerts?: Fact["alerts"];
}

/** An accepted decision; what the outcome leaves out stays unchanged. */
export function accepted(quota: Quota, command: Command, turn: Turn, outcome: Outcome): Decision {
  const change = { ...noChange, ...outcome.change };
  const action: Action = command.kind;
  return {
    kind: "accepted",
    fact: {
      action,
      at: turn.now,
      periods: outcome.periods ?? periodsOf(quota),
      amount: outcome.amount ?? zero,
      change,
      order: outcome.order ?? null,
      orderNo: "orderNo" in command ? command.orderNo : null,
      paymentNo: command.paymentNo,
      operatorId: command.operator.id,
      suspension: outcome.suspension,
      alerts: outcome.alerts ?? alertsRaised(quota, change.used, turn.limits, turn.thresholds),
    },
  };
}
