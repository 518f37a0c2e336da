import test from "ava";

import { Findings } from "../../../../ops/verify/findings.ts";
import { KeyReplay, type LogStart } from "../../../../ops/verify/key-replay.ts";
import type { LogEntry, Sums } from "../../../../ops/verify/log-entry.ts";
import { minor } from "../../../../src/domain/money.ts";
import { calendarAt, periodOf, perWindow } from "../../../../src/domain/period.ts";
import type { Quota } from "../../../../src/domain/quota.ts";
import { at, key, midday, quotaWith, zone } from "../../../support/quota-builders.ts";

const wholeLog: LogStart = { keptFrom: null, migratedAt: null };

/** Equal use in all windows, all of it pending. */
function sums(used: bigint, reserved = 0n): Sums {
  const amount = minor(used);
  return { used: perWindow(() => amount), pending: amount, reserved: minor(reserved) };
}

function entry(wanted: Partial<LogEntry>): LogEntry {
  return {
    id: "log-1",
    shard: 3,
    merchantId: "M-1",
    currency: "USD",
    action: "consume",
    orderNo: "A-1",
    paymentNo: null,
    amount: minor(10n),
    before: sums(0n),
    after: sums(10n),
    charged: {
      daily: periodOf("2026-11-22"),
      monthly: periodOf("2026-11"),
      yearly: periodOf("2026"),
    },
    kind: "accepted",
    operatorId: "ann",
    remarks: null,
    version: 1,
    at: midday,
    isInTail: false,
    link: null,
    ...wanted,
  };
}

/** The quota after one consume of 10. */
function stored(rest: Partial<Omit<Quota, "windows">> = {}): Quota {
  const pending = minor(10n);
  const last = { lastOrderNo: "A-1", lastUpdatedBy: "ann", pending, ...rest };
  const counted = { count: 1 };
  return quotaWith({ used: 10n, daily: counted, monthly: counted, yearly: counted, rest: last });
}

function replayed(entries: readonly LogEntry[], quota: Quota | null, start = wholeLog): Findings {
  const findings = new Findings();
  const replay = new KeyReplay({
    key: key(),
    shard: 3,
    stored: quota,
    calendarAt: (when) => calendarAt(when, zone("UTC")),
    start,
    findings,
    onSuspended: () => undefined,
  });
  for (const each of entries) replay.add(each);
  replay.finish();
  return findings;
}

function said(findings: Findings): readonly string[] {
  return findings.named.map(
    ({ kind, what, expected, found }) => `${kind} ${what}: ${String(expected)}, ${String(found)}`,
  );
}

test("a key whose log makes its quota is clean", (t) => {
  t.deepEqual(said(replayed([entry({})], stored())), []);
});

test("one damage is told once: the replay goes on from what the entry says", (t) => {
  const cut = entry({ amount: minor(4n) });
  const next = entry({ version: 2, before: sums(10n), after: sums(20n) });

  const findings = replayed([cut, next], null);

  t.deepEqual(said(findings), [
    "entry_differs daily_used_after: 4, 10",
    "quota_missing version: 2, null",
  ]);
});

test("a refused command that changed something is a mismatch", (t) => {
  const refused = entry({ kind: "refused", before: sums(10n), after: sums(11n), version: 1 });

  t.deepEqual(said(replayed([entry({}), refused], stored())), [
    "entry_differs daily_used_after: 10, 11",
  ]);
});

test("a key of refusals alone needs no quota", (t) => {
  const refused = entry({ kind: "refused", after: sums(0n), version: 0 });

  t.deepEqual(said(replayed([refused], null)), []);
});

test("an action that this service does not have is a mismatch", (t) => {
  const findings = replayed([entry({ action: "gift", after: sums(0n) })], null);

  t.is(said(findings)[0], "entry_differs action_type: null, gift");
});

test("a quota without a log is explained by retention, or it is a mismatch", (t) => {
  const kept = { ...wholeLog, keptFrom: at("2026-12-01T00:00:00Z") };
  const keptLonger = { ...wholeLog, keptFrom: at("2026-11-01T00:00:00Z") };

  t.deepEqual(replayed([], stored(), kept).unchecked, [["keys_with_dropped_entries", 1]]);
  t.deepEqual(said(replayed([], stored(), kept)), []);
  t.deepEqual(said(replayed([], stored(), keptLonger)), ["entries_missing version: 1, null"]);
});

test("of a key that came from the older service only its first change is excused", (t) => {
  const start = { ...wholeLog, migratedAt: midday };
  const second = entry({ version: 3, before: sums(10n), after: sums(20n) });

  t.deepEqual(replayed([], stored(), start).unchecked, [["keys_of_older_service", 1]]);
  t.deepEqual(said(replayed([second], null, start)).slice(0, 1), [
    "entries_missing version: 1 to 2, null",
  ]);
});

test("a new day begins at nothing, and only with a new day", (t) => {
  const monday = {
    charged: { ...entry({}).charged, daily: periodOf("2026-11-23") },
    at: at("2026-11-23T12:00:00Z"),
    version: 2,
  };
  const before = { ...sums(10n), used: { ...sums(10n).used, daily: minor(0n) } };
  const after = { ...sums(20n), used: { ...sums(20n).used, daily: minor(10n) } };

  const turned = replayed([entry({}), entry({ ...monday, before, after })], null);
  const emptied = replayed([entry({}), entry({ version: 2, before, after })], null);

  t.deepEqual(said(turned), ["quota_missing version: 2, null"]);
  t.is(said(emptied)[0], "entry_discontinuous daily_used_before: 10, 0");
});
