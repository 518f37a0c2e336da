import test from "ava";

import { bearer, testApp } from "../../../support/edge-app.ts";

const good = {
  merchant_id: "merchant-001",
  currency: "USD",
  order_no: "ORDER-001",
  amount: 50000,
};
const long = "x".repeat(65);

/** What is wrong, the body, and the fields that the answer names. */
const wrongBodies: readonly (readonly [string, object, ...string[]])[] = [
  ["amount 0", { ...good, amount: 0 }, "amount"],
  ["negative amount", { ...good, amount: -1 }, "amount"],
  ["amount 1.5", { ...good, amount: 1.5 }, "amount"],
  ['amount "100"', { ...good, amount: "100" }, "amount"],
  ["amount true", { ...good, amount: true }, "amount"],
  ["amount null", { ...good, amount: null }, "amount"],
  ["amount 1e21", { ...good, amount: 1e21 }, "amount"],
  ["amount 2^53", { ...good, amount: 2 ** 53 }, "amount"],
  ["currency usd", { ...good, currency: "usd" }, "currency"],
  ["currency ZZZ", { ...good, currency: "ZZZ" }, "currency"],
  ["currency constructor", { ...good, currency: "constructor" }, "currency"],
  ["merchant with a space", { ...good, merchant_id: "a b" }, "merchant_id"],
  ["merchant with a dot", { ...good, merchant_id: "a.b" }, "merchant_id"],
  ["merchant of 65", { ...good, merchant_id: long }, "merchant_id"],
  ["merchant with NUL", { ...good, merchant_id: "a\0" }, "merchant_id"],
  ["merchant with a line end", { ...good, merchant_id: "a\n" }, "merchant_id"],
  ["merchant with emoji", { ...good, merchant_id: "🙂" }, "merchant_id"],
  ["empty merchant", { ...good, merchant_id: "" }, "merchant_id"],
  ["order with a space", { ...good, order_no: "a b" }, "order_no"],
  ["order of 65", { ...good, order_no: long }, "order_no"],
  ["order with NUL", { ...good, order_no: "a\0b" }, "order_no"],
  ["order with emoji", { ...good, order_no: "🙂" }, "order_no"],
  ["payment with a space", { ...good, payment_no: " " }, "payment_no"],
  ["unknown fields", { ...good, user: 1, admin: true }, "user", "admin"],
  ["field of another call", { ...good, ttl_seconds: 5 }, "ttl_seconds"],
  [
    "several at once",
    { currency: "ZZZ", amount: 0 },
    "merchant_id",
    "order_no",
    "amount",
    "currency",
  ],
  ["empty body", {}, "merchant_id", "currency", "order_no", "amount"],
  ["an array", [good], "body"],
  ["remarks with NUL", { ...good, remarks: "a\0" }, "remarks"],
  ["remarks with half a pair", { ...good, remarks: "\ud83d" }, "remarks"],
  ["remarks of 501", { ...good, remarks: "x".repeat(501) }, "remarks"],
  ["metadata that is nested", { ...good, metadata: { a: { b: 1 } } }, "metadata.a"],
  ["metadata value with NUL", { ...good, metadata: { a: "\0" } }, "metadata.a"],
  ["metadata key with half a pair", { ...good, metadata: { "\udc00": 1 } }, "metadata.\udc00"],
  [
    "metadata of 17",
    { ...good, metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, i])) },
    "metadata",
  ],
];

for (const [what, payload, ...fields] of wrongBodies) {
  test(`consume refuses ${what} and names it`, async (t) => {
    const { app, owner } = testApp();

    const reply = await app.inject({
      method: "POST",
      url: "/api/v1/quotas/consume",
      headers: bearer(),
      payload,
    });

    const body = reply.json<{ code: string; success: boolean; errors: { field: string }[] }>();
    t.is(reply.statusCode, 400);
    t.is(reply.headers["content-type"], "application/problem+json; charset=utf-8");
    t.is(body.code, "INVALID_REQUEST");
    t.false(body.success);
    t.deepEqual(body.errors.map(({ field }) => field).toSorted(), fields.toSorted());
    t.deepEqual(owner.asked, []);
  });
}

const rawBodies: readonly (readonly [string, string, string, number, string])[] = [
  ["broken JSON", '{"merchant_id":', "application/json", 400, "body"],
  ["64 KiB of [", "[".repeat(65_000), "application/json", 400, "body"],
  ["deep JSON", "[".repeat(30_000) + "]".repeat(30_000), "application/json", 400, "body"],
  ["__proto__", '{"__proto__":{"amount":1}}', "application/json", 400, "body"],
  [
    "a poisoned constructor",
    '{"constructor":{"prototype":{"amount":1}}}',
    "application/json",
    400,
    "body",
  ],
  ["an escaped __proto__", '{"\\u005f_proto__":{"amount":1}}', "application/json", 400, "body"],
  ["a number", "1", "application/json", 400, "body"],
  ["text", "amount=1", "text/plain", 400, "content-type"],
  ["a form", "amount=1", "application/x-www-form-urlencoded", 400, "content-type"],
];

for (const [what, payload, contentType, status, field] of rawBodies) {
  test(`consume refuses ${what}`, async (t) => {
    const { app, owner } = testApp();

    const reply = await app.inject({
      method: "POST",
      url: "/api/v1/quotas/consume",
      headers: { ...bearer(), "content-type": contentType },
      payload,
    });

    const body = reply.json<{ code: string; errors: { field: string }[] }>();
    t.is(reply.statusCode, status);
    t.is(body.code, "INVALID_REQUEST");
    t.deepEqual(
      body.errors.map((error) => error.field),
      [field],
    );
    t.deepEqual(owner.asked, []);
  });
}

test("an empty body of JSON is no body: consume names what it lacks", async (t) => {
  const { app, owner } = testApp();

  const reply = await app.inject({
    method: "POST",
    url: "/api/v1/quotas/consume",
    headers: { ...bearer(), "content-type": "application/json", "content-length": "0" },
  });

  const { errors } = reply.json<{ errors: { field: string }[] }>();
  t.is(reply.statusCode, 400);
  t.deepEqual(
    errors.map(({ field }) => field),
    ["merchant_id", "currency", "order_no", "amount"],
  );
  t.deepEqual(owner.asked, []);
});

test("bodies over 64 KiB are refused, and over 1 MiB in a batch", async (t) => {
  const { app, owner } = testApp();
  const post = (url: string, bytes: number) =>
    app.inject({
      method: "POST",
      url,
      headers: { ...bearer(), "content-type": "application/json" },
      payload: `{"a":"${"x".repeat(bytes)}"}`,
    });

  const one = await post("/api/v1/quotas/consume", 64 * 1024);
  const batch = await post("/api/v1/quotas/batch", 1024 * 1024);
  const withinBatch = await post("/api/v1/quotas/batch", 1024 * 1000);

  t.like(one.json(), { code: "PAYLOAD_TOO_LARGE", status: 413 });
  t.is(one.statusCode, 413);
  t.is(batch.statusCode, 413);
  t.is(withinBatch.statusCode, 400);
  t.deepEqual(owner.asked, []);
});

const wrongOthers: readonly (readonly [string, string, object, string])[] = [
  ["adjust by nothing", "adjust", { daily_adjust: 0, reason: "r" }, "daily_adjust"],
  ["adjust without reason", "adjust", { daily_adjust: 1 }, "reason"],
  ["adjust by 2^53", "adjust", { daily_adjust: -(2 ** 53), reason: "r" }, "daily_adjust"],
  ["suspend with an empty reason", "suspend", { reason: "" }, "reason"],
  [
    "reserve for ever",
    "reserve",
    { order_no: "A", amount: 1, ttl_seconds: 604_801 },
    "ttl_seconds",
  ],
  ["reserve for no time", "reserve", { order_no: "A", amount: 1, ttl_seconds: 0 }, "ttl_seconds"],
  ["release of 0", "release", { order_no: "A", amount: 0 }, "amount"],
  ["a refund_no with a space", "release", { order_no: "A", refund_no: "a b" }, "refund_no"],
];

for (const [what, name, more, field] of wrongOthers) {
  test(`nobody can ${what}`, async (t) => {
    const { app, owner } = testApp();

    const reply = await app.inject({
      method: "POST",
      url: `/api/v1/quotas/${name}`,
      headers: bearer({ user_type: "admin" }),
      payload: { merchant_id: "M", currency: "USD", ...more },
    });

    t.like(reply.json(), { code: "INVALID_REQUEST", errors: [{ field }] });
    t.deepEqual(owner.asked, []);
  });
}

test("a currency to reset needs its merchant", async (t) => {
  const { app, owner } = testApp();

  const reply = await app.inject({
    method: "POST",
    url: "/api/v1/quotas/reset",
    headers: bearer({ user_type: "admin" }),
    payload: { period: "daily", currency: "USD" },
  });

  t.like(reply.json(), { code: "INVALID_REQUEST", errors: [{ field: "merchant_id" }] });
  t.deepEqual(owner.asked, []);
});
