import test from "ava";

import { minor } from "../../../src/domain/money.ts";
import { perWindow } from "../../../src/domain/period.ts";
import type { RefusalCode } from "../../../src/domain/refusal.ts";
import { Fault, type FaultCode } from "../../../src/wire/fault.ts";
import { bearer, testApp } from "../../support/edge-app.ts";
import { acceptedOutcome, receipt, refusedOutcome } from "../../support/edge-ask.ts";

const order = { merchant_id: "M", currency: "USD", order_no: "A" };
const consume = {
  method: "POST",
  url: "/api/v1/quotas/consume",
  payload: { ...order, amount: 1 },
} as const;

const statuses: Readonly<Record<RefusalCode, number>> = {
  DAILY_LIMIT_EXCEEDED: 429,
  MONTHLY_LIMIT_EXCEEDED: 429,
  YEARLY_LIMIT_EXCEEDED: 429,
  DAILY_COUNT_EXCEEDED: 429,
  MONTHLY_COUNT_EXCEEDED: 429,
  REFUND_DAILY_LIMIT_EXCEEDED: 429,
  REFUND_MONTHLY_LIMIT_EXCEEDED: 429,
  SINGLE_LIMIT_EXCEEDED: 422,
  BELOW_SINGLE_MINIMUM: 422,
  PENDING_LIMIT_EXCEEDED: 422,
  ADJUST_BELOW_ZERO: 422,
  AMOUNT_OVERFLOW: 422,
  QUOTA_SUSPENDED: 403,
  ORDER_CONFLICT: 409,
  ORDER_RESERVED: 409,
  RELEASE_EXCEEDS_CONSUMED: 409,
  RESERVATION_EXPIRED: 409,
  RESERVATION_CLOSED: 409,
  ORDER_NOT_FOUND: 404,
};

test("each refusal has its status, its numbers, and a time to come again where there is one", async (t) => {
  const { app, owner } = testApp();
  for (const code of Object.keys(statuses) as RefusalCode[]) {
    owner.answer((request) => refusedOutcome(request, code));

    const reply = await app.inject({ ...consume, headers: { ...bearer(), "x-request-id": "R-1" } });

    t.is(reply.statusCode, statuses[code], code);
    t.is(reply.headers["content-type"], "application/problem+json; charset=utf-8");
    t.is(reply.headers["retry-after"], statuses[code] === 429 ? "43200" : undefined);
    t.like(reply.json(), {
      success: false,
      code,
      message: "no",
      detail: "no",
      status: statuses[code],
      instance: "urn:merchant-quota:request:R-1",
      limit: 100_000,
      used: 99_000,
      reserved: null,
      requested: null,
      remaining_daily: 100_000,
      remaining_yearly: null,
      resets_at: { daily: "2026-11-23T00:00:00+00:00" },
      fits_at: null,
    });
  }
});

const faults: readonly (readonly [FaultCode, number, string | undefined])[] = [
  ["OVERLOADED", 503, "1"],
  ["SHARD_UNAVAILABLE", 503, "1"],
  ["OUTCOME_UNKNOWN", 504, "1"],
  ["INTERNAL", 500, undefined],
];

for (const [code, status, retryAfter] of faults) {
  test(`the fault ${code} is answered ${status}`, async (t) => {
    const { app, owner, logged } = testApp();
    owner.answer(() => Promise.reject(new Fault(code, "the words of the fault")));

    const reply = await app.inject({ ...consume, headers: { ...bearer(), "x-request-id": "R-2" } });

    t.is(reply.statusCode, status);
    t.is(reply.headers["retry-after"], retryAfter);
    t.like(reply.json(), { code, success: false, instance: "urn:merchant-quota:request:R-2" });
    t.is(logged.length, code === "INTERNAL" ? 1 : 0);
  });
}

test("a bug is answered with an id that is in the log, once, and without its words", async (t) => {
  const { app, owner, logged } = testApp();
  owner.answer(() => Promise.reject(new TypeError("secret words of a bug")));

  const reply = await app.inject({ ...consume, headers: bearer() });

  t.is(reply.statusCode, 500);
  t.false(reply.payload.includes("secret words"));
  t.false(reply.payload.includes(".ts"));
  t.is(logged.length, 1);
  t.like(logged[0], { requestId: reply.headers["x-request-id"], msg: "request failed" });
  t.true(JSON.stringify(logged[0]).includes("secret words of a bug"));
});

test("totals up to 2^63-1 are printed exactly, and nulls stay null", async (t) => {
  const { app, owner } = testApp();
  const most = 2n ** 63n - 1n;
  owner.answer((request) => ({
    ...acceptedOutcome(request),
    kind: "accepted",
    duplicate: true,
    order: null,
    receipt: receipt({
      used: perWindow(() => minor(most)),
      remaining: { daily: minor(most), monthly: null, yearly: minor(0n) },
    }),
  }));

  const { payload } = await app.inject({ ...consume, headers: bearer() });

  t.true(payload.includes('"duplicate":true'));
  t.true(payload.includes('"daily_used":9223372036854775807'));
  t.true(payload.includes('"remaining_daily":9223372036854775807'));
  t.true(payload.includes('"remaining_monthly":null'));
});

test("a check is always 200, allowed or not", async (t) => {
  const { app, owner } = testApp();
  const check = {
    method: "POST",
    url: "/api/v1/quotas/check",
    headers: bearer(),
    payload: { merchant_id: "M", currency: "USDT", amount: 1 },
  } as const;

  const yes = await app.inject(check);
  owner.answer((request) => {
    const refused = refusedOutcome(request, "DAILY_LIMIT_EXCEEDED");
    if (refused.kind !== "refused") throw new Error("not refused");
    return { ...refused, kind: "checked" };
  });
  const no = await app.inject(check);

  t.is(yes.statusCode, 200);
  t.deepEqual(yes.json(), {
    allowed: true,
    remaining_daily: 100_000,
    remaining_monthly: 1_000_000,
    remaining_yearly: null,
    daily_limit: 100_000,
    monthly_limit: 1_000_000,
    yearly_limit: null,
    resets_at: {
      daily: "2026-11-23T00:00:00+00:00",
      monthly: "2026-12-01T00:00:00+00:00",
      yearly: "2027-01-01T00:00:00+00:00",
    },
    usage_rate: 0,
    forecast: { exhausts_at: null },
    limits_source: "default",
    policy_version: null,
  });
  t.is(no.statusCode, 200);
  t.like(no.json(), { allowed: false, code: "DAILY_LIMIT_EXCEEDED", fits_at: null });
});

test("a reservation is answered with its state and its end", async (t) => {
  const { app } = testApp();

  for (const name of ["reserve", "confirm", "cancel"]) {
    const reply = await app.inject({
      method: "POST",
      url: `/api/v1/quotas/${name}`,
      headers: bearer(),
      payload: name === "reserve" ? { ...order, amount: 30_000 } : order,
    });
    t.like(reply.json(), {
      success: true,
      order_no: "A",
      reservation: { state: "open", amount: 30_000, expires_at: "2026-11-22T12:15:00.000Z" },
    });
  }
});

test("a key that was never used answers zeros with its limits", async (t) => {
  const { app } = testApp();

  const reply = await app.inject({
    url: "/api/v1/quotas/merchant/M/currency/USD",
    headers: bearer({ user_type: "merchant", tenant_id: "M" }),
  });

  t.is(reply.statusCode, 200);
  t.like(reply.json(), {
    merchant_id: "M",
    currency: "USD",
    daily_used: 0,
    daily_limit: 100_000,
    remaining_daily: 100_000,
    yearly_limit: null,
    single_max: 1_000_000,
    is_suspended: false,
    version: 0,
    created_at: null,
    timezone: "UTC",
    daily_reset_at: "2026-11-23T00:00:00+00:00",
    usage_rate: 0,
    forecast: { exhausts_at: null },
  });
});
