import test from "ava";
import fc from "fast-check";

import { minor } from "../../../src/domain/money.ts";
import { calendarAt } from "../../../src/domain/period.ts";
import { calendarOf, inPeriods, remainingOf, rolled } from "../../../src/domain/quota.ts";
import { LoneMerchant } from "../../support/lone-merchant.ts";
import { at, consume, limits, quotaWith, zone } from "../../support/quota-builders.ts";

test("midnight empties the day and leaves month, year, pending and reserved", (t) => {
  const rest = { pending: minor(7n), reserved: minor(3n) };
  const quota = quotaWith({
    used: 500n,
    daily: { count: 4, refunded: minor(9n), alerted: 80 },
    rest,
  });

  const next = rolled(quota, calendarAt(at("2026-11-23T00:00:00Z"), zone("UTC")));

  t.like(next.windows.daily, { used: 0n, held: 0n, count: 0, refunded: 0n, alerted: 0 });
  t.like(next, { windows: { monthly: { used: 500n }, yearly: { used: 500n } }, ...rest });
});

test("the month's and the year's end empty what they end", (t) => {
  const november = quotaWith({ used: 500n, on: "2026-11-30T23:59:59.999Z" });
  const december = quotaWith({ used: 500n, on: "2026-12-31T23:59:59.999Z" });
  const utc = zone("UTC");

  t.like(rolled(november, calendarAt(at("2026-12-01T00:00:00Z"), utc)).windows, {
    daily: { period: "2026-12-01", used: 0n },
    monthly: { period: "2026-12", used: 0n },
    yearly: { period: "2026", used: 500n },
  });
  t.like(rolled(december, calendarAt(at("2027-01-01T00:00:00Z"), utc)).windows, {
    daily: { used: 0n },
    monthly: { used: 0n },
    yearly: { period: "2027", used: 0n },
  });
});

test("a missed midnight is made up for whenever the merchant comes back", (t) => {
  const quota = quotaWith({ used: 500n, on: "2024-02-29T12:00:00Z" });

  const { windows } = rolled(quota, calendarAt(at("2026-11-22T12:00:00Z"), zone("UTC")));

  t.like(windows, {
    daily: { period: "2026-11-22", used: 0n },
    monthly: { period: "2026-11", used: 0n },
    yearly: { period: "2026", used: 0n },
  });
});

test("within its periods a quota stays the very same", (t) => {
  const quota = quotaWith({ used: 500n });

  t.is(rolled(quota, calendarAt(at("2026-11-22T23:59:59.999Z"), zone("UTC"))), quota);
});

test("a clock that jumps back does not reopen a day", (t) => {
  const merchant = new LoneMerchant({
    limits: limits({ daily: 100n }),
    on: "2026-11-23T00:00:01Z",
  });
  merchant.did(consume("A-1", 100n));
  merchant.moveTo("2026-11-22T23:59:59Z");

  t.like(merchant.ask(consume("A-2", 1n)), { refusal: { code: "DAILY_LIMIT_EXCEEDED" } });
});

test("a zone whose clock goes back over midnight does not give the evening twice", (t) => {
  const inForce = limits({ daily: 100n, zone: "America/St_Johns" });
  const merchant = new LoneMerchant({ limits: inForce, on: "2010-11-07T00:00:30-02:30" });
  merchant.did(consume("A-1", 100n));

  merchant.moveTo("2010-11-06T23:30:00-03:30");

  t.like(merchant.quota, { windows: { daily: { period: "2010-11-07", used: 100n } } });
  t.like(merchant.ask(consume("A-2", 1n)), { refusal: { code: "DAILY_LIMIT_EXCEEDED" } });
});

test("a merchant that moves west at new year spends no period twice", (t) => {
  const on = "2026-12-31T12:00:00Z";
  const merchant = new LoneMerchant({ on, limits: limits({ zone: "Pacific/Kiritimati" }) });
  merchant.did(consume("A-1", 100n));
  merchant.limitTo(limits({ yearly: 100n, zone: "Pacific/Pago_Pago" }));

  t.like(merchant.quota.windows, {
    daily: { period: "2027-01-01", used: 100n },
    monthly: { period: "2027-01", used: 100n },
    yearly: { period: "2027", used: 100n },
  });
  t.like(merchant.ask(consume("A-2", 1n)), {
    refusal: { code: "YEARLY_LIMIT_EXCEEDED", fitsAt: at("2028-01-01T00:00:00-11:00") },
  });
});

test("however often a merchant moves, no period is spent twice and none that has ended comes back", (t) => {
  const zones = ["Pacific/Kiritimati", "Asia/Shanghai", "Africa/Cairo", "UTC", "Pacific/Pago_Pago"];
  const hop = fc.record({
    zone: fc.constantFrom(...zones),
    passing: fc.integer({ min: -20, max: 40 }),
  });
  fc.assert(
    fc.property(fc.array(hop, { minLength: 1, maxLength: 60 }), (hops) => {
      const merchant = new LoneMerchant({
        limits: limits({ daily: 100n }),
        on: "2026-12-28T00:00:00Z",
      });
      const spent = new Map<string, number>();
      let last = "";
      let now = Date.parse("2026-12-28T00:00:00Z");
      for (const [n, { zone: name, passing }] of hops.entries()) {
        now += passing * 3_600_000;
        merchant.moveTo(new Date(now).toISOString());
        merchant.limitTo(limits({ daily: 100n, zone: name }));
        const outcome = merchant.ask(consume(`A-${n}`, 100n));
        const { period } = merchant.quota.windows.daily;
        t.true(period >= last, `${period} comes after ${last}`);
        last = period;
        if (outcome.kind === "accepted") spent.set(period, (spent.get(period) ?? 0) + 100);
      }
      t.true([...spent.values()].every((total) => total <= 100));
    }),
  );
});

test("a merchant that moves east begins the new day at once", (t) => {
  const on = "2026-11-22T12:00:00Z";
  const merchant = new LoneMerchant({ on, limits: limits({ zone: "Pacific/Pago_Pago" }) });
  merchant.did(consume("A-1", 100n));

  merchant.limitTo(limits({ zone: "Pacific/Kiritimati" }));

  t.like(merchant.quota.windows, {
    daily: { period: "2026-11-23", used: 0n },
    monthly: { period: "2026-11", used: 100n },
  });
});

test("the calendar of a quota is that of its own periods, resets or not", (t) => {
  const now = calendarAt(at("2026-12-31T12:00:00Z"), zone("Pacific/Pago_Pago"));
  const quota = quotaWith({ on: "2026-12-31T12:00:00Z", zone: "Pacific/Kiritimati" });
  const begun = new LoneMerchant({ on: "2026-12-31T12:00:00Z" });

  t.like(calendarOf(quota, now), {
    daily: { period: "2027-01-01", endsAtText: "2027-01-02T00:00:00-11:00" },
    monthly: { period: "2027-01", endsAtText: "2027-02-01T00:00:00-11:00" },
    yearly: { period: "2027", startsAt: at("2027-01-01T00:00:00-11:00") },
  });
  t.deepEqual(calendarOf(begun.quota, begun.turn.calendar), begun.turn.calendar);
});

test("windows that keep their period keep their use", (t) => {
  const quota = quotaWith({ used: 500n });
  const { daily, monthly, yearly } = calendarAt(at("2026-11-23T12:00:00Z"), zone("UTC"));
  const periods = { daily: daily.period, monthly: monthly.period, yearly: yearly.period };

  const { windows } = inPeriods(quota, periods);

  t.is(windows.monthly, quota.windows.monthly);
  t.like(windows.daily, { period: "2026-11-23", used: 0n });
});

test("what is left is the limit less used and held, never below zero, null without a limit", (t) => {
  const quota = quotaWith({ used: 60n, monthly: { held: minor(30n) } });

  const remaining = remainingOf(quota, limits({ daily: 50n, monthly: 100n }));

  t.deepEqual(remaining, { daily: minor(0n), monthly: minor(10n), yearly: null });
});
