import { nextMidnights, turnPeriods } from "../../../shards/jobs/sql.ts";
import { moment, text } from "../../../shards/store/row.ts";
import type { Row } from "../../../src/platform/database.ts";
import type { Parameters } from "./parameters.ts";
import type { Statements } from "./statement.ts";
import type { Tables } from "./tables.ts";
import type { Transaction } from "./transaction.ts";

/** The columns that one window has, and which of the statement's values are its period and its end. */
const windows = [
  { window: "daily", counted: "today", period: 4, endsAt: 7 },
  { window: "monthly", counted: "month", period: 5, endsAt: 8 },
  { window: "yearly", counted: "year", period: 6, endsAt: 9 },
] as const;

type SweptWindow = (typeof windows)[number];

const calendarPart = (row: Row, window: string): string =>
  text(row, `${window}_period`).split("+")[0] ?? "";

/** Keys with changes that the tables do not have yet: an owner's, of a newer version. */
function touched({ journal, checkpoints }: Tables, transaction: Transaction): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const [, batch] of journal.rows(transaction)) {
    const done = checkpoints.find(String(batch.writerId), transaction);
    if (done === null || batch.seq <= done) continue;
    for (const quota of batch.quotas) keys.add(text(quota, "quota_key"));
  }
  return keys;
}

function turned(row: Row, given: Parameters): Row {
  const after: Record<string, unknown> = { ...row };
  for (const { window, counted, period, endsAt } of windows) {
    const running = calendarPart(row, window);
    if (running <= given.text(period)) {
      after[`${window}_reset_at`] = new Date(given.timeMs(endsAt));
    }
    if (running >= given.text(period)) continue;
    after[`${window}_period`] = given.text(period);
    after[`${window}_used`] = 0n;
    after[`${window}_reserved`] = 0n;
    after[`refunded_${counted}`] = 0n;
    after[`transactions_${counted}`] = 0;
    after[`${window}_alerted`] = 0;
  }
  return after;
}

/** Whether the end of a window empties anything: then the log says so. */
function empties(row: Row, given: Parameters, { window, counted, period }: SweptWindow): boolean {
  if (calendarPart(row, window) >= given.text(period)) return false;
  const columns = [`${window}_used`, `${window}_reserved`, `refunded_${counted}`];
  return [...columns, `transactions_${counted}`].some((column) => Number(row[column]) > 0);
}

/** @param place in the chain of its key; null = the key has none */
function entryOf(row: Row, place: number | null): Row {
  return {
    merchant_id: row["merchant_id"],
    currency: row["currency"],
    action_type: "reset",
    operator_type: "system",
    version: row["version"],
    chain_no: place === null ? null : BigInt(place),
  };
}

/** The statements of the reset sweep, of those in `shards/jobs/sql.ts`. */
export const jobStatements: Statements = {
  [nextMidnights.name]: (_, { quotas }, transaction) => {
    const earliest = new Map<string, Date>();
    for (const [, row] of quotas.rows(transaction)) {
      const zone = text(row, "timezone");
      const resetAt = new Date(moment(row, "daily_reset_at"));
      const known = earliest.get(zone);
      if (!known || resetAt < known) earliest.set(zone, resetAt);
    }
    return [...earliest]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([timezone, resetAt]) => ({ timezone, reset_at: resetAt }));
  },
  [turnPeriods.name]: async (given, tables, transaction) => {
    const { quotas, logs, heads } = tables;
    const inTail = touched(tables, transaction);
    let keys = 0n;
    let entries = 0n;
    const isDue = (row: Row): boolean =>
      text(row, "timezone") === given.text(1) &&
      moment(row, "daily_reset_at") <= given.timeMs(2) &&
      calendarPart(row, "daily") <= given.text(4);
    for (const [key, seen] of [...quotas.rows(transaction)]) {
      if (!isDue(seen) || inTail.has(key) || !transaction.locksNow(quotas, key)) continue;
      const row = await transaction.lock(quotas, key, "update");
      if (!row || !isDue(row)) continue;
      // Whoever holds the head of its chain is not waited for: the next batch turns the key.
      const hasHead = heads.find(key, transaction) !== null;
      if (hasHead && !transaction.locksNow(heads, key)) continue;
      const head = hasHead ? await transaction.lock(heads, key, "update") : null;
      await transaction.write(quotas, key, turned(row, given));
      keys += 1n;
      if (!windows.some((window) => empties(row, given, window))) continue;
      const place = head === null ? null : head + 1;
      if (place !== null) await transaction.write(heads, key, place);
      await transaction.write(logs, tables.nextLogKey(), entryOf(row, place));
      entries += 1n;
    }
    return [{ keys, entries }];
  },
};
