import test from "ava";
import fc from "fast-check";

import type { Policy } from "../../../src/domain/limits.ts";
import { minor, totalMax } from "../../../src/domain/money.ts";
import { Fault } from "../../../src/wire/fault.ts";
import { policyFrom, policyFromStored, storedPolicy } from "../../../src/wire/policy.ts";
import { zone } from "../../support/quota-builders.ts";

/** Everything that a policy can say, as the platform writes it. */
const whole = {
  single_max: 1_000_000,
  single_trans_min: 100,
  daily_limit: 5_000_000,
  monthly_limit: 100_000_000,
  yearly_limit: 1_000_000_000,
  max_pending_amount: 2_000_000,
  max_refund_daily: 300_000,
  max_refund_monthly: 900_000,
  max_transactions_daily: 1_000,
  max_transactions_monthly: 20_000,
  timezone: "Asia/Shanghai",
  version: 7,
};

const wholeRead: Policy = {
  singleMin: minor(100n),
  singleMax: minor(1_000_000n),
  windows: {
    daily: minor(5_000_000n),
    monthly: minor(100_000_000n),
    yearly: minor(1_000_000_000n),
  },
  counts: { daily: 1_000, monthly: 20_000 },
  maxPending: minor(2_000_000n),
  refunds: { daily: minor(300_000n), monthly: minor(900_000n) },
  zone: zone("Asia/Shanghai"),
  policyVersion: "7",
};

const nothingSaid: Policy = {
  singleMin: null,
  singleMax: null,
  windows: { daily: null, monthly: null, yearly: null },
  counts: { daily: null, monthly: null },
  maxPending: null,
  refunds: { daily: null, monthly: null },
  zone: null,
  policyVersion: null,
};

function refusalOf(body: unknown): string {
  try {
    policyFrom(body);
  } catch (error) {
    if (error instanceof Fault && error.code === "SHARD_UNAVAILABLE") return error.message;
    throw error;
  }
  return "it was taken";
}

test("a policy is read whole, with or without its envelope", (t) => {
  t.deepEqual(policyFrom(whole), wholeRead);
  t.deepEqual(policyFrom({ code: 0, message: "ok", data: whole }), wholeRead);
  t.deepEqual(policyFrom({ code: "SUCCESS", data: whole }), wholeRead);
  t.deepEqual(policyFrom({ data: whole }), wholeRead);
});

test("both names of the limits of one order are known", (t) => {
  const { singleMin, singleMax } = policyFrom({ single_min: 5, single_trans_max: 50 });

  t.deepEqual([singleMin, singleMax], [minor(5n), minor(50n)]);
});

test("a name that is null leaves its limit to the other name", (t) => {
  t.is(policyFrom({ single_max: null, single_trans_max: 50 }).singleMax, minor(50n));
});

test("a merchant without a limit has none, be it left out or null", (t) => {
  t.deepEqual(policyFrom({ daily_limit: null }), nothingSaid);
  t.deepEqual(policyFrom({ daily_limit: null, timezone: null, version: null }), nothingSaid);
  t.deepEqual(policyFrom({ daily_limit: null, timezone: "", version: "" }), nothingSaid);
});

test("0 is no limit for the least amount, pending and refunds, and a limit of nothing for all else", (t) => {
  const zeros = Object.fromEntries(
    Object.keys(whole)
      .filter((name) => name !== "timezone" && name !== "version")
      .map((name) => [name, 0]),
  );

  t.deepEqual(policyFrom(zeros), {
    ...nothingSaid,
    singleMax: minor(0n),
    windows: { daily: minor(0n), monthly: minor(0n), yearly: minor(0n) },
    counts: { daily: 0, monthly: 0 },
  });
});

test("limits in text are exact far over what a number can hold", (t) => {
  t.is(policyFrom({ daily_limit: "9007199254740993" }).windows.daily, minor(9007199254740993n));
});

test("the platform's largest number is no more than the largest total", (t) => {
  const { windows, counts } = policyFrom(
    JSON.parse('{"daily_limit":9223372036854775807,"max_transactions_daily":9223372036854775807}'),
  );

  t.is(windows.daily, minor(totalMax));
  t.is(counts.daily, Number.MAX_SAFE_INTEGER);
});

test("an answer with one wrong limit is refused whole, and the limit is named", (t) => {
  for (const wrong of [
    -1,
    0.5,
    1e300,
    "-1",
    "1.5",
    "",
    " 1",
    "1e3",
    "many",
    true,
    [],
    {},
    "9".repeat(20),
  ]) {
    const body = { ...whole, monthly_limit: wrong };

    t.regex(refusalOf(body), /^the policy service's answer cannot be used: monthly_limit is /);
    t.regex(refusalOf({ code: 0, data: body }), /monthly_limit is /);
  }
});

test("a limit of -1 is shown as it came", (t) => {
  t.is(
    refusalOf({ ...whole, daily_limit: -1 }),
    "the policy service's answer cannot be used: daily_limit is -1, not a whole number from 0 to 2^63 - 1",
  );
});

test("an unknown time zone or version is refused by its name", (t) => {
  for (const wrong of ["Mars/Olympus", "+08:00", "Asia/Shanghai ", 8, false]) {
    t.regex(refusalOf({ ...whole, timezone: wrong }), /timezone is /);
  }
  for (const wrong of ["x".repeat(129), "one\ntwo", "版本", true, {}, Infinity]) {
    t.regex(refusalOf({ ...whole, version: wrong }), /version is /);
  }
});

test("what is no policy at all never lifts a merchant's limits", (t) => {
  for (const other of [
    null,
    [],
    "ok",
    5,
    {},
    { status: "up" },
    { data: {} },
    { code: 0, data: null },
  ]) {
    t.regex(refusalOf(other), /^the policy service's answer cannot be used: it /);
  }
  t.regex(refusalOf({ code: 1001, message: "no", data: whole }), /says failure: its code is 1001/);
  t.regex(refusalOf({ code: "ERROR", data: null }), /says failure: its code is "ERROR"/);
});

test("whatever comes, the refusal is short", (t) => {
  const long = "x".repeat(60_000);

  for (const body of [
    long,
    { daily_limit: long },
    { code: long, data: {} },
    { ...whole, timezone: long },
  ]) {
    t.true(refusalOf(body).length < 250);
  }
});

const limitOf = (least: bigint) =>
  fc.option(fc.bigInt({ min: least, max: totalMax }).map((units) => minor(units)));
const countLimit = fc.option(fc.maxSafeNat());

const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  singleMin: limitOf(1n),
  singleMax: limitOf(0n),
  windows: fc.record({ daily: limitOf(0n), monthly: limitOf(0n), yearly: limitOf(0n) }),
  counts: fc.record({ daily: countLimit, monthly: countLimit }),
  maxPending: limitOf(1n),
  refunds: fc.record({ daily: limitOf(1n), monthly: limitOf(1n) }),
  zone: fc.option(fc.constantFrom("UTC", "Asia/Shanghai", "America/St_Johns").map(zone)),
  policyVersion: fc.option(fc.stringMatching(/^[ -~]{1,128}$/)),
});

test("a policy that was kept is the policy that it was", (t) => {
  fc.assert(
    fc.property(anyPolicy, (policy) => {
      t.deepEqual(policyFromStored(storedPolicy(policy)), policy);
    }),
  );
});

test("what cannot be read any more is no policy, and harms nobody", (t) => {
  const kept = storedPolicy(wholeRead);

  for (const spoilt of ["", "null", "{}", kept.slice(0, -1), kept.replace("5000000", "-5000000")]) {
    t.is(policyFromStored(spoilt), null);
  }
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      policyFromStored(text);
    }),
  );
  t.pass();
});
