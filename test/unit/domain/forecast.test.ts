import test from "ava";
import { exhaustsAt, usageTenThousandths } from "../../../src/domain/forecast.ts";
import { instant } from "../../../src/domain/instant.ts";
import { minor } from "../../../src/domain/money.ts";
import { at, limits, midday, quotaWith, turn } from "../../support/quota-builders.ts";

const { calendar } = turn(midday);

test("half of the day's limit by nine o'clock is all of it by six", (t) => {
  const now = at("2026-11-22T09:00:00Z");

  const exhausted = exhaustsAt(quotaWith({ used: 50n }), limits({ daily: 100n }), calendar, now);

  t.is(exhausted, at("2026-11-22T18:00:00Z"));
});

test("half by noon is exhausted at midnight, when the day is over: never", (t) => {
  const quota = quotaWith({ daily: { used: minor(50n) } });

  t.is(exhaustsAt(quota, limits({ daily: 100n }), calendar, midday), null);
  t.truthy(exhaustsAt(quota, limits({ daily: 99n }), calendar, midday));
});

test("an unused or unlimited window is never exhausted", (t) => {
  t.is(exhaustsAt(quotaWith(), limits({ daily: 100n }), calendar, midday), null);
  t.is(exhaustsAt(quotaWith({ used: 9n }), limits(), calendar, midday), null);
});

test("a window with nothing left is exhausted now, by use, by holds or by a limit of zero", (t) => {
  const full = quotaWith({ used: 100n });
  const held = quotaWith({ daily: { held: minor(100n) } });

  t.is(exhaustsAt(full, limits({ daily: 100n }), calendar, midday), midday);
  t.is(exhaustsAt(full, limits({ daily: 40n }), calendar, midday), midday);
  t.is(exhaustsAt(held, limits({ daily: 100n }), calendar, midday), midday);
  t.is(exhaustsAt(quotaWith(), limits({ daily: 0n }), calendar, midday), midday);
});

test("the first window to be exhausted is named", (t) => {
  const quota = quotaWith({ used: 60n });
  const both = limits({ daily: 100n, monthly: 61n });

  const exhausted = exhaustsAt(quota, both, calendar, midday);

  t.is(exhausted, at("2026-11-22T20:00:00Z"));
});

test("the first moment of a period divides by no zero", (t) => {
  const { startsAt } = calendar.daily;
  const quota = quotaWith({ daily: { used: minor(1n) } });

  t.is(exhaustsAt(quota, limits({ daily: 3n }), calendar, startsAt), instant(startsAt + 2));
});

test("the usage rate is the highest share of any limit, in ten-thousandths, rounded down", (t) => {
  const quota = quotaWith({ used: 1n, monthly: { used: minor(2n) } });

  t.is(usageTenThousandths(quota, limits({ daily: 3n, monthly: 4n, yearly: 100n })), 5_000);
  t.is(usageTenThousandths(quota, limits({ daily: 3n })), 3_333);
  t.is(usageTenThousandths(quota, limits()), 0);
  t.is(usageTenThousandths(quota, limits({ daily: 0n })), 10_000);
  t.is(usageTenThousandths(quotaWith(), limits({ daily: 0n })), 0);
  t.is(usageTenThousandths(quotaWith({ used: 250n }), limits({ daily: 100n })), 25_000);
});
