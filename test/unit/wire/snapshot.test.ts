import test from "ava";

import { snapshotFrom, snapshotText } from "../../../src/wire/snapshot.ts";
import { minor } from "../../../src/domain/money.ts";
import { at, limits, quotaWith } from "../../support/quota-builders.ts";

const bare = { quota: quotaWith({ used: 2n ** 63n - 1n }), limits: limits() };
const rich = {
  quota: quotaWith({
    used: 7n,
    daily: { held: minor(3n), refunded: minor(1n), count: 2, alerted: 80 },
    rest: {
      pending: minor(6n),
      reserved: minor(3n),
      suspension: { at: at("2026-11-22T11:00:00Z"), reason: 'a "reason"', by: "ann" },
      lastOrderNo: "A-1",
      version: 41,
    },
  }),
  limits: limits({
    single: { min: 1n, max: 9n },
    daily: 10n,
    counts: { daily: 5 },
    refunds: { monthly: 4n },
    zone: "Africa/Cairo",
  }),
};

test("a snapshot that is kept says what it said, to the last unit", (t) => {
  for (const snapshot of [bare, rich]) {
    t.deepEqual(snapshotFrom(snapshotText(snapshot)), snapshot);
  }
});

test("what is no snapshot of this form is nothing", (t) => {
  const body = JSON.parse(snapshotText(rich)) as { readonly limits: object };
  const wrong = [
    { ...body, form: 2 },
    { ...body, pending: "-1" },
    { ...body, version: 1.5 },
    { ...body, limits: undefined },
    { ...body, limits: { ...body.limits, zone: "Nowhere/Land" } },
    null,
    [],
  ];

  for (const each of [...wrong.map((value) => JSON.stringify(value)), "", "{", "41 {}"]) {
    t.is(snapshotFrom(each), undefined, each);
  }
});
