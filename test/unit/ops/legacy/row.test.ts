import test from "ava";

import { runningCounters } from "../../../../ops/legacy/past-key.ts";
import { limitsFrom, logFrom } from "../../../../ops/legacy/row.ts";
import { at, midday } from "../../../support/quota-builders.ts";

const log = {
  merchant_id: "M-1",
  id: "7",
  action_type: "Consume",
  amount: "5",
  created_us: 1_795_348_800_123_456n,
};

test("a log row needs a merchant, an action, an amount and a time; it says which is wrong", (t) => {
  const reasonOf = (change: object): string => {
    const read = logFrom({ ...log, ...change });
    return read.kind === "bad" ? read.reason : "read";
  };

  t.is(reasonOf({}), "read");
  t.regex(reasonOf({ merchant_id: "a b" }), /^merchant_id is not/);
  t.is(reasonOf({ action_type: null }), "action_type is empty");
  t.is(reasonOf({ amount: null }), "amount is null");
  t.is(reasonOf({ amount: "-5" }), "amount is negative (-5)");
  t.is(reasonOf({ amount: "5.5" }), "amount is 5.5, which is no whole number of minor units");
  t.is(
    reasonOf({ amount: "9223372036854775808" }),
    "amount is more than can be counted (9223372036854775808)",
  );
  t.is(reasonOf({ created_us: null }), "created_at is null");
  t.is(
    reasonOf({ created_us: -62_135_596_800_000_000n }),
    "created_at is not between 1970 and 9999",
  );
});

test("what may be missing in a log row is read as nothing, and time is kept to the microsecond", (t) => {
  const read = logFrom({ ...log, metadata: "[1]", daily_used_after: "12.00", order_no: "" });

  t.like(read, {
    kind: "read",
    value: {
      action: "consume",
      amount: 5n,
      currency: null,
      orderNo: null,
      dailyLimit: null,
      dailyUsed: { before: 12n, after: 12n },
      success: true,
      metadata: { legacy: [1] },
      atText: "2026-11-22T12:00:00.123456Z",
    },
  });
});

test("an id that is a UUID stays; another becomes one, always the same", (t) => {
  const idOf = (id: string): string => {
    const read = logFrom({ ...log, id });
    return read.kind === "read" ? read.value.id : "";
  };
  const uuid = "0199a1de-0000-7000-8000-00000000000A";

  t.is(idOf(uuid), uuid.toLowerCase());
  t.regex(idOf("7"), /^[0-9a-f]{8}-[0-9a-f]{4}-5/);
  t.is(idOf("7"), idOf("7"));
  t.not(idOf("7"), idOf("8"));
});

test("a counter counts while its reset is still to come, and where no reset is known", (t) => {
  const countersWith = (daily: Date | null) => {
    const read = limitsFrom({ merchant_id: "M-1", daily_reset_at: daily });
    return read.kind === "read" ? runningCounters(read.value, midday).daily : null;
  };

  t.true(countersWith(new Date(at("2026-11-23T00:00:00Z"))));
  t.false(countersWith(new Date(at("2026-11-22T00:00:00Z"))));
  t.false(countersWith(new Date(midday)));
  t.true(countersWith(null));
});
