import { type Instant, instant } from "../../src/domain/instant.ts";
import { calendarAt, zoneOf } from "../../src/domain/period.ts";
import type { Session } from "../../src/platform/database.ts";
import type { Log } from "../ports.ts";
import { moment, text, whole } from "../store/row.ts";
import { nextMidnights, turnPeriods } from "./sql.ts";

/**
 * How long after a midnight its keys are swept: longer than a change of the old day can be on its way from its turn to
 * the journal, so that the log does not say of a day that it ended before its last order.
 */
export const graceMs = 30_000;
/** A long sweep says how far it is after so many batches. */
const batchesOfProgress = 50;

/** What a sweep did, and the next midnight of any key; null = there is no key. */
export interface Swept {
  readonly keys: number;
  readonly entries: number;
  readonly nextMidnight: Instant | null;
}

/** What a sweep works with. */
export interface SweepOptions {
  readonly session: Session;
  readonly log: Log;
  readonly now: Instant;
  /** Ends it between two batches: the rest is for the next sweep. */
  readonly signal: AbortSignal;
}

/**
 * Turns the windows of keys whose day, month or year has ended and which nobody used since, zone by zone: the rows as
 * the next turn would find them, and an entry in the log. Nothing waits for it: an owner that never saw a sweep counts
 * the same, and a sweep that was missed, repeated or cut off is made up for by the next.
 * @throws Fault when Postgres does not let it; what was swept until then stays swept
 */
export async function sweepResets(options: SweepOptions): Promise<Swept> {
  const due = instant(options.now - graceMs);
  const total = { keys: 0, entries: 0 };
  for (const row of await options.session.run(nextMidnights)) {
    if (moment(row, "reset_at") > due) continue;
    const { keys, entries } = await sweepZone(text(row, "timezone"), due, options);
    total.keys += keys;
    total.entries += entries;
  }
  const [next] = (await options.session.run(nextMidnights))
    .map((row) => moment(row, "reset_at"))
    .sort((a, b) => a - b);
  return { ...total, nextMidnight: next ?? null };
}

/** One zone, a bounded number of keys at a time; each batch is a transaction of its own. */
async function sweepZone(
  name: string,
  due: Instant,
  { session, log, now, signal }: SweepOptions,
): Promise<{ readonly keys: number; readonly entries: number }> {
  const total = { keys: 0, entries: 0 };
  const zone = zoneOf(name);
  if (zone === undefined) {
    log.warn({ zone: name }, "keys of a time zone that is not known are not swept");
    return total;
  }
  const { daily, monthly, yearly } = calendarAt(due, zone);
  const spans = [daily, monthly, yearly];
  const values = [
    zone,
    new Date(due),
    new Date(now),
    ...spans.map(({ period }) => period),
    ...spans.map(({ endsAtText }) => endsAtText),
  ];
  for (let batches = 1; !signal.aborted; batches += 1) {
    const [row = {}] = await session.run(turnPeriods, values);
    const keys = whole(row, "keys");
    total.keys += keys;
    total.entries += whole(row, "entries");
    if (keys === 0) break;
    if (batches % batchesOfProgress === 0) log.info({ zone, ...total }, "reset sweep goes on");
  }
  if (total.keys > 0) log.info({ zone, day: daily.period, ...total }, "reset sweep done");
  return total;
}
