import type { Instant } from "../../src/domain/instant.ts";
import { zero } from "../../src/domain/money.ts";
import {
  type Calendar,
  calendarPeriod,
  type Period,
  periodAfterReset,
  periodOf,
  perWindow,
  windowNames,
} from "../../src/domain/period.ts";
import { inPeriods, type Quota, rolled } from "../../src/domain/quota.ts";
import type { LogEntry } from "./log-entry.ts";

/** Actions on an order: their entries name the periods that the order was charged to, and not those that ran. */
const orderActions: ReadonlySet<string> = new Set([
  "confirm",
  "cancel",
  "expire",
  "release",
  "settle",
]);

/** Of a window that had turned where its key was then: no period is this, and each is later. */
export const unknownPeriod = periodOf("");

/**
 * The quota in the periods that ran when an entry was made. Most entries name them; for actions on an order they are
 * those of its moment in the key's zone.
 * @param last as the entry before it left it
 */
export function runningAt(
  entry: LogEntry,
  last: Quota,
  calendarAt: (at: Instant) => Calendar,
): Quota {
  if (entry.kind === "accepted" && orderActions.has(entry.action)) {
    return rolled(last, calendarAt(entry.at));
  }
  if (entry.action === "reset") {
    return inPeriods(
      last,
      perWindow((name) => beforeReset(last.windows[name].period, entry.charged[name])),
    );
  }
  return inPeriods(last, entry.charged);
}

/** The period that a reset found: the entry names those that ran after it. */
function beforeReset(last: Period, after: Period): Period {
  if (after === periodAfterReset(last)) return last;
  const first = periodOf(calendarPeriod(after));
  return after === periodAfterReset(first) && first > last ? first : after;
}

/**
 * A key that was in another zone when an action on an order came: the calendar of its zone of today says of a window
 * that it had turned, and it had not, or the other way round. null = that does not explain the entry's sums.
 * @param last as the entry before it left it
 * @param running by the calendar of the zone of today
 */
export function asIfNotMoved(entry: LogEntry, last: Quota, running: Quota): Quota | null {
  const { before, action } = entry;
  if (entry.kind !== "accepted" || !orderActions.has(action)) return null;
  if (before.pending !== last.pending || before.reserved !== last.reserved) return null;
  const isExplained = windowNames.every(
    (name) => before.used[name] === last.windows[name].used || before.used[name] === zero,
  );
  if (!isExplained) return null;
  const windows = perWindow((name) => {
    const used = before.used[name];
    if (used === running.windows[name].used) return running.windows[name];
    if (used === last.windows[name].used) return last.windows[name];
    return { ...last.windows[name], period: unknownPeriod, used, held: zero, count: 0 };
  });
  return { ...running, windows };
}
