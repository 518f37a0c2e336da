import type { Instant } from "../../src/domain/instant.ts";
import { type PerWindow, type WindowName, windowNames } from "../../src/domain/period.ts";
import type { Quota, Window } from "../../src/domain/quota.ts";
import type { Sums } from "./log-entry.ts";

/** A column that holds something else than it should. */
export interface Difference {
  readonly column: string;
  readonly expected: string | null;
  readonly found: string | null;
}

/** How much of a key's past the log has. */
export interface Known {
  /** Whether a window's counts, holds and refunds are known, beside its use. */
  readonly windows: PerWindow<boolean>;
  /** From its first change on. */
  readonly isWhole: boolean;
}

/** The names that a window's numbers have in merchant_quotas. */
const columns: PerWindow<
  Readonly<Record<"period" | "used" | "held" | "count" | "refunded", string>>
> = {
  daily: {
    period: "daily_period",
    used: "daily_used",
    held: "daily_reserved",
    count: "transactions_today",
    refunded: "refunded_today",
  },
  monthly: {
    period: "monthly_period",
    used: "monthly_used",
    held: "monthly_reserved",
    count: "transactions_month",
    refunded: "refunded_month",
  },
  yearly: {
    period: "yearly_period",
    used: "yearly_used",
    held: "yearly_reserved",
    count: "transactions_year",
    refunded: "refunded_year",
  },
};

/** What stands in a row of merchant_quotas and does not come out of its log; of an equal version. */
export function quotaDifferences(
  replayed: Quota,
  stored: Quota,
  known: Known,
): readonly Difference[] {
  const all: (Difference | null)[] = [
    difference("version", BigInt(replayed.version), BigInt(stored.version)),
    ...windowNames.flatMap((name) => windowDifferences(name, replayed, stored, known)),
    difference("pending_amount", replayed.pending, stored.pending),
    difference("reserved_amount", replayed.reserved, stored.reserved),
    difference("updated_at", timeText(replayed.updatedAt), timeText(stored.updatedAt)),
    difference("last_updated_by", replayed.lastUpdatedBy, stored.lastUpdatedBy),
  ];
  if (known.isWhole) {
    all.push(
      difference(
        "is_suspended",
        String(replayed.suspension !== null),
        String(stored.suspension !== null),
      ),
      difference("suspended_by", replayed.suspension?.by ?? null, stored.suspension?.by ?? null),
      difference("last_order_no", replayed.lastOrderNo, stored.lastOrderNo),
      difference("last_payment_no", replayed.lastPaymentNo, stored.lastPaymentNo),
      difference("created_at", timeText(replayed.createdAt), timeText(stored.createdAt)),
    );
  }
  return all.filter((each) => each !== null);
}

/** A window that a sweep has turned since is empty; one of an earlier period should not be there at all. */
function windowDifferences(
  name: WindowName,
  replayed: Quota,
  stored: Quota,
  known: Known,
): readonly (Difference | null)[] {
  const here = stored.windows[name];
  const last = replayed.windows[name];
  const column = columns[name];
  if (here.period < last.period) return [difference(column.period, last.period, here.period)];
  const hasTurned = here.period > last.period;
  const value = (of: (window: Window) => bigint): bigint => (hasTurned ? 0n : of(last));
  const used = difference(
    column.used,
    value(({ used }) => used),
    here.used,
  );
  if (!hasTurned && !known.windows[name]) return [used];
  return [
    used,
    difference(
      column.held,
      value(({ held }) => held),
      here.held,
    ),
    difference(
      column.count,
      value(({ count }) => BigInt(count)),
      BigInt(here.count),
    ),
    difference(
      column.refunded,
      value(({ refunded }) => refunded),
      here.refunded,
    ),
  ];
}

/** The first of an entry's sums that is not as it should be; null = all are. */
export function sumsDifference(
  expected: Sums,
  found: Sums,
  when: "before" | "after",
): Difference | null {
  if (isSame(expected, found)) return null;
  for (const name of windowNames) {
    const column = `${name}_used_${when}`;
    const used = difference(column, expected.used[name], found.used[name]);
    if (used) return used;
  }
  return (
    difference(`pending_${when}`, expected.pending, found.pending) ??
    difference(`reserved_${when}`, expected.reserved, found.reserved)
  );
}

function isSame(a: Sums, b: Sums): boolean {
  return (
    a.used.daily === b.used.daily &&
    a.used.monthly === b.used.monthly &&
    a.used.yearly === b.used.yearly &&
    a.pending === b.pending &&
    a.reserved === b.reserved
  );
}

/** The sums of a quota, as a log entry has them. */
export function sumsOf({ windows, pending, reserved }: Quota): Sums {
  const { daily, monthly, yearly } = windows;
  return {
    used: { daily: daily.used, monthly: monthly.used, yearly: yearly.used },
    pending,
    reserved,
  };
}

function difference(
  column: string,
  expected: bigint | string | null,
  found: bigint | string | null,
): Difference | null {
  if (expected === found) return null;
  return { column, expected: textOf(expected), found: textOf(found) };
}

function textOf(value: bigint | string | null): string | null {
  return value === null ? null : String(value);
}

function timeText(at: Instant): string {
  return new Date(at).toISOString();
}
