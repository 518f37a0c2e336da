import type { Fact } from "./fact.ts";
import { minor } from "./money.ts";
import type { WindowName } from "./period.ts";
import { inPeriods, type Quota, type Window } from "./quota.ts";

/** The quota after a fact: adds its changes, asks no rule. Replaying the facts of a key gives its state. */
export function apply(before: Quota, fact: Fact): Quota {
  const quota = inPeriods(before, fact.periods);
  const { change } = fact;
  return {
    key: quota.key,
    windows: {
      daily: windowAfter(quota, fact, "daily"),
      monthly: windowAfter(quota, fact, "monthly"),
      yearly: windowAfter(quota, fact, "yearly"),
    },
    pending: minor(quota.pending + change.pending),
    reserved: minor(quota.reserved + change.reserved),
    suspension: fact.suspension === undefined ? quota.suspension : fact.suspension,
    lastOrderNo: fact.orderNo ?? quota.lastOrderNo,
    lastPaymentNo: fact.paymentNo ?? quota.lastPaymentNo,
    lastUpdatedBy: fact.operatorId,
    version: quota.version + 1,
    createdAt: quota.version === 0 ? fact.at : quota.createdAt,
    updatedAt: fact.at,
  };
}

function windowAfter(quota: Quota, { change, alerts }: Fact, name: WindowName): Window {
  const window = quota.windows[name];
  let { alerted } = window;
  for (const alert of alerts) {
    if (alert.kind === "threshold" && alert.window === name) {
      alerted = Math.max(alerted, alert.percent);
    }
  }
  return {
    period: window.period,
    used: minor(window.used + change.used[name]),
    held: minor(window.held + change.held[name]),
    count: window.count + change.count[name],
    refunded: minor(window.refunded + change.refunded),
    alerted,
  };
}
