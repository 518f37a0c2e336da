import { noChange, noCount, none } from "../../src/domain/decision.ts";
import type { Change, Fact } from "../../src/domain/fact.ts";
import { orderNoOf } from "../../src/domain/ids.ts";
import { least, minus } from "../../src/domain/money.ts";
import { perWindow } from "../../src/domain/period.ts";
import type { Quota, Suspension } from "../../src/domain/quota.ts";
import type { LogEntry } from "./log-entry.ts";

const one = perWindow(() => 1);

/** What an entry's action and amount claim to have done: applied, it has to give the sums that the entry has after it. */
interface Claim {
  readonly action: Fact["action"];
  readonly change: Partial<Change>;
  readonly suspension?: Suspension | null;
}

/**
 * The fact that an accepted entry tells of, made from its action and amount and not from its sums: what is compared
 * would otherwise be compared with itself. Two numbers are the entry's own, within what the action allows, since they
 * depend on the order: what a confirmation takes out of the reserved sum, and a release out of the pending one.
 * @param running the quota before it, in the periods that ran
 * @returns null when there is no such action
 */
export function factOf(entry: LogEntry, running: Quota): Fact | null {
  const claim = claimOf(entry, running);
  if (claim === null) return null;
  const ends = entry.action === "reset" ? entry.charged : null;
  return {
    action: claim.action,
    at: entry.at,
    periods: ends ?? perWindow((name) => running.windows[name].period),
    amount: entry.amount,
    change: { ...noChange, ...claim.change },
    order: null,
    orderNo: entry.orderNo === null ? null : (orderNoOf(entry.orderNo) ?? null),
    paymentNo: entry.paymentNo,
    operatorId: entry.operatorId,
    suspension: claim.suspension,
    alerts: [],
  };
}

function claimOf(entry: LogEntry, running: Quota): Claim | null {
  const { action, amount, before, after } = entry;
  const isRunning = perWindow((name) => running.windows[name].period === entry.charged[name]);
  switch (action) {
    case "consume":
      return { action, change: { used: perWindow(() => amount), count: one, pending: amount } };
    case "reserve":
      return { action, change: { held: perWindow(() => amount), count: one, reserved: amount } };
    case "confirm": {
      const reserved = least(after.reserved - before.reserved, minus(amount));
      return {
        action,
        change: {
          used: perWindow((name) => (isRunning[name] ? amount : 0n)),
          held: perWindow((name) => (isRunning[name] ? reserved : 0n)),
          pending: amount,
          reserved,
        },
      };
    }
    case "cancel":
    case "expire":
      return {
        action,
        change: {
          held: perWindow((name) => (isRunning[name] ? minus(amount) : 0n)),
          count: perWindow((name) => (isRunning[name] ? -1 : noCount[name])),
          reserved: minus(amount),
        },
      };
    case "release": {
      const pending = after.pending - before.pending;
      return {
        action,
        change: {
          used: perWindow((name) =>
            isRunning[name] ? minus(least(amount, running.windows[name].used)) : none[name],
          ),
          refunded: amount,
          pending: pending > 0n || pending < minus(amount) ? minus(amount) : pending,
        },
      };
    }
    case "settle":
      return { action, change: { pending: minus(amount) } };
    case "adjust":
      return {
        action,
        change: { used: perWindow((name) => after.used[name] - before.used[name]) },
      };
    case "reset":
      return { action, change: {} };
    case "suspend": {
      const suspension = { at: entry.at, reason: entry.remarks ?? "", by: entry.operatorId };
      return { action, change: {}, suspension };
    }
    case "resume":
      return { action, change: {}, suspension: null };
    default:
      return null;
  }
}
