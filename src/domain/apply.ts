import type { Fact } from "./fact.ts";
import { minor } from "./money.ts";
import { perWindow } from "./period.ts";
import { inPeriods, type Quota } from "./quota.ts";

/** The quota after a fact: adds its changes, asks no rule. Replaying the facts of a key gives its state. */
export function apply(before: Quota, fact: Fact): Quota {
  const quota = inPeriods(before, fact.periods);
  const { change } = fact;
  return {
    key: quota.key,
    windows: perWindow((name) => {
      const window = quota.windows[name];
      return {
        period: window.period,
        used: minor(window.used + change.used[name]),
        held: minor(window.held + change.held[name]),
        count: window.count + change.count[name],
        refunded: minor(window.refunded + change.refunded),
        alerted: fact.alerts.reduce(
          (highest, alert) =>
            alert.kind === "threshold" && alert.window === name
              ? Math.max(highest, alert.percent)
              : highest,
          window.alerted,
        ),
      };
    }),
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
