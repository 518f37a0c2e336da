import test from "ava";
import { misfit } from "../../../src/domain/fit.ts";
import { minor } from "../../../src/domain/money.ts";
import { rolled } from "../../../src/domain/quota.ts";
import { LoneMerchant } from "../../support/lone-merchant.ts";
import {
  at,
  consume,
  limits,
  midday,
  quotaWith,
  reserve,
  suspend,
  turn,
} from "../../support/quota-builders.ts";

const codes = {
  daily: "DAILY_LIMIT_EXCEEDED",
  monthly: "MONTHLY_LIMIT_EXCEEDED",
  yearly: "YEARLY_LIMIT_EXCEEDED",
} as const;
const ends = {
  daily: at("2026-11-23T00:00:00Z"),
  monthly: at("2026-12-01T00:00:00Z"),
  yearly: at("2027-01-01T00:00:00Z"),
} as const;

for (const window of ["daily", "monthly", "yearly"] as const) {
  test(`the ${window} limit is used to the last unit and not one further`, (t) => {
    const quota = quotaWith({ [window]: { used: minor(700n), held: minor(200n) } });
    const now = turn(midday, limits({ [window]: 1_000n }));

    t.is(misfit(quota, minor(100n), now), undefined);
    t.like(misfit(quota, minor(101n), now), {
      code: codes[window],
      window,
      limit: 1_000n,
      used: 700n,
      reserved: 200n,
      requested: 101n,
      fitsAt: ends[window],
    });
  });

  test(`a ${window} limit of zero lets nothing through, ever`, (t) => {
    const now = turn(midday, limits({ [window]: 0n }));

    t.like(misfit(quotaWith(), minor(1n), now), { code: codes[window], fitsAt: null });
  });

  test(`a ${window} limit lowered below use refuses, and says what stands`, (t) => {
    const now = turn(midday, limits({ [window]: 500n }));

    const refusal = misfit(quotaWith({ used: 700n }), minor(1n), now);

    t.like(refusal, { code: codes[window], limit: 500n, used: 700n });
  });
}

for (const window of ["daily", "monthly"] as const) {
  const code = window === "daily" ? "DAILY_COUNT_EXCEEDED" : "MONTHLY_COUNT_EXCEEDED";

  test(`the last of the ${window} number of orders is taken, the next is refused`, (t) => {
    const now = turn(midday, limits({ counts: { [window]: 3 } }));

    t.is(misfit(quotaWith({ [window]: { count: 2 } }), minor(1n), now), undefined);
    t.like(misfit(quotaWith({ [window]: { count: 3 } }), minor(1n), now), {
      code,
      window,
      limit: 3n,
      used: 3n,
      requested: 1n,
      fitsAt: ends[window],
    });
  });

  test(`a ${window} number of zero orders lets none through, ever`, (t) => {
    const now = turn(midday, limits({ counts: { [window]: 0 } }));

    t.like(misfit(quotaWith(), minor(1n), now), { code, limit: 0n, used: 0n, fitsAt: null });
  });
}

test("held orders count as orders", (t) => {
  const merchant = new LoneMerchant({ limits: limits({ counts: { daily: 2 } }) });
  merchant.did(consume("A-1", 1n), reserve("A-2", 1n));

  t.like(merchant.ask(consume("A-3", 1n)), { refusal: { code: "DAILY_COUNT_EXCEEDED" } });
});

test("a single amount may be the minimum and the limit, and nothing outside of them", (t) => {
  const now = turn(midday, limits({ single: { min: 5n, max: 9n } }));

  t.is(misfit(quotaWith(), minor(5n), now), undefined);
  t.is(misfit(quotaWith(), minor(9n), now), undefined);
  t.like(misfit(quotaWith(), minor(4n), now), {
    code: "BELOW_SINGLE_MINIMUM",
    window: null,
    limit: 5n,
    requested: 4n,
    fitsAt: null,
  });
  t.like(misfit(quotaWith(), minor(10n), now), {
    code: "SINGLE_LIMIT_EXCEEDED",
    window: null,
    limit: 9n,
    requested: 10n,
    fitsAt: null,
  });
});

test("pending and reserved together reach the pending limit and not one further", (t) => {
  const quota = quotaWith({ rest: { pending: minor(60n), reserved: minor(30n) } });
  const now = turn(midday, limits({ pending: 100n }));

  t.is(misfit(quota, minor(10n), now), undefined);
  t.like(misfit(quota, minor(11n), now), {
    code: "PENDING_LIMIT_EXCEEDED",
    window: null,
    limit: 100n,
    used: 60n,
    reserved: 30n,
    requested: 11n,
    fitsAt: null,
  });
});

test("without limits everything fits", (t) => {
  t.is(misfit(quotaWith({ used: 10n ** 15n }), minor(10n ** 15n), turn()), undefined);
});

test("a suspended key takes nothing, whatever its limits, and says why", (t) => {
  const merchant = new LoneMerchant().did(suspend("chargebacks"));

  const refusal = misfit(merchant.quota, minor(1n), merchant.turn);

  t.like(refusal, { code: "QUOTA_SUSPENDED", message: "suspended: chargebacks", fitsAt: null });
});

test("of several reasons the first is named: suspension, single, amounts, counts, pending", (t) => {
  const all = { counts: { daily: 0, monthly: 0 }, pending: 0n };
  const windows = { daily: 0n, monthly: 0n, yearly: 0n };
  const suspended = quotaWith({ rest: { suspension: { at: midday, reason: "x", by: "ann" } } });
  const first = (wanted: Parameters<typeof limits>[0], quota = quotaWith()) =>
    misfit(quota, minor(7n), turn(midday, limits(wanted)))?.code;

  t.is(first({ ...all, ...windows, single: { max: 1n } }, suspended), "QUOTA_SUSPENDED");
  t.is(first({ ...all, ...windows, single: { max: 1n } }), "SINGLE_LIMIT_EXCEEDED");
  t.is(first({ ...all, ...windows }), "DAILY_LIMIT_EXCEEDED");
  t.is(first({ ...all, monthly: 0n, yearly: 0n }), "MONTHLY_LIMIT_EXCEEDED");
  t.is(first({ ...all, yearly: 0n }), "YEARLY_LIMIT_EXCEEDED");
  t.is(first(all), "DAILY_COUNT_EXCEEDED");
  t.is(first({ counts: { monthly: 0 }, pending: 0n }), "MONTHLY_COUNT_EXCEEDED");
  t.is(first({ pending: 0n }), "PENDING_LIMIT_EXCEEDED");
});

test("fits_at is the end of the longest window that is in the way", (t) => {
  const now = turn(midday, limits({ daily: 100n, monthly: 100n, yearly: 1_000n }));

  const refusal = misfit(quotaWith({ used: 90n }), minor(20n), now);

  t.like(refusal, { code: "DAILY_LIMIT_EXCEEDED", fitsAt: ends.monthly });
});

test("fits_at waits for the number of orders too", (t) => {
  const quota = quotaWith({ used: 90n, monthly: { count: 5 } });
  const now = turn(midday, limits({ daily: 100n, counts: { monthly: 5 } }));

  t.like(misfit(quota, minor(20n), now), { code: "DAILY_LIMIT_EXCEEDED", fitsAt: ends.monthly });
});

test("an amount above an empty window's limit never fits", (t) => {
  const now = turn(midday, limits({ daily: 100n, monthly: 150n }));

  const refusal = misfit(quotaWith({ used: 90n }), minor(101n), now);

  t.like(refusal, { code: "DAILY_LIMIT_EXCEEDED", fitsAt: null });
});

test("midnight does not make an amount fit that the pending limit refuses", (t) => {
  const quota = quotaWith({ used: 90n, rest: { pending: minor(90n) } });
  const now = turn(midday, limits({ daily: 100n, pending: 100n }));

  t.like(misfit(quota, minor(20n), now), { code: "DAILY_LIMIT_EXCEEDED", fitsAt: null });
});

test("after a move to a zone further west fits_at is the end of the day that still counts", (t) => {
  const on = "2026-11-22T12:00:00Z";
  const quota = quotaWith({ on, zone: "Pacific/Kiritimati", used: 90n });
  const now = turn(on, limits({ daily: 100n, zone: "Pacific/Pago_Pago" }));

  const refusal = misfit(rolled(quota, now.calendar), minor(20n), now);

  t.like(quota, { windows: { daily: { period: "2026-11-23" } } });
  t.like(refusal, { fitsAt: at("2026-11-24T00:00:00-11:00") });
});
