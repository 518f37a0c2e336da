import test from "ava";

import { Fault } from "../../../../src/wire/fault.ts";
import { bearer, testApp } from "../../../support/edge-app.ts";
import { acceptedOutcome, refusedOutcome } from "../../../support/edge-ask.ts";

const reset = (payload: object) =>
  ({
    method: "POST",
    url: "/api/v1/quotas/reset",
    headers: bearer({ user_id: "root", user_type: "admin" }),
    payload,
  }) as const;

test("one key is reset without looking at the tables", async (t) => {
  const { app, owner, ran } = testApp();

  const reply = await app.inject(
    reset({ period: "daily", merchant_id: "M", currency: "USD", reason: "agreed" }),
  );

  t.deepEqual(reply.json(), { success: true, period: "daily", keys: 1, reset: 1, failed: [] });
  t.like(owner.asked, [
    { kind: "reset", window: "daily", remarks: "agreed", operator: { id: "root" } },
  ]);
  t.deepEqual(ran, []);
});

test("every currency of a merchant is reset", async (t) => {
  const pages = [
    [
      { merchant_id: "M", currency: "EUR" },
      { merchant_id: "M", currency: "USD" },
    ],
    [],
  ];
  const fake = testApp();
  fake.rows = () => pages.shift() ?? [];

  const reply = await fake.app.inject(reset({ period: "monthly", merchant_id: "M" }));

  t.like(reply.json(), { keys: 2, reset: 2 });
  t.deepEqual(
    fake.ran.map(({ values }) => values.slice(0, 2)),
    [
      ["M ", "M!"],
      ["M USD", "M!"],
    ],
  );
});

test("all keys are reset page by page, and what failed is named", async (t) => {
  const fake = testApp();
  const keys = Array.from({ length: 200 }, (_, i) => ({
    merchant_id: `M-${String(i).padStart(3, "0")}`,
    currency: "USD",
  }));
  fake.rows = (_statement, [above, , most]) =>
    keys
      .filter((key) => `${key.merchant_id} ${key.currency}` > String(above))
      .slice(0, Number(most));
  fake.owner.answer((request) =>
    request.key.merchantId < "M-150"
      ? acceptedOutcome(request)
      : refusedOutcome(request, "AMOUNT_OVERFLOW"),
  );

  const reply = await fake.app.inject(reset({ period: "yearly" }));

  t.is(reply.statusCode, 503);
  t.like(reply.json(), { success: false, status: 503, period: "yearly", keys: 200, reset: 150 });
  const { failed } = reply.json<{ failed: object[] }>();
  t.is(failed.length, 50);
  t.deepEqual(failed[0], { merchant_id: "M-150", currency: "USD", code: "AMOUNT_OVERFLOW" });
  t.is(fake.owner.asked.length, 200);
});

test("one key that is not reset is answered as its owner answered", async (t) => {
  const { app, owner } = testApp();
  const one = reset({ period: "daily", merchant_id: "M", currency: "USD" });

  owner.answer((request) => refusedOutcome(request, "AMOUNT_OVERFLOW"));
  const refused = await app.inject(one);
  owner.answer(() => {
    throw new Fault("SHARD_UNAVAILABLE", "away");
  });
  const away = await app.inject(one);

  t.is(refused.statusCode, 422);
  t.like(refused.json(), { code: "AMOUNT_OVERFLOW", success: false });
  t.is(away.statusCode, 503);
  t.is(away.headers["content-type"], "application/problem+json; charset=utf-8");
  t.is(away.headers["retry-after"], "1");
  t.like(away.json(), { code: "SHARD_UNAVAILABLE", keys: undefined });
});

test("of many keys one with an unknown outcome makes the answer's outcome unknown", async (t) => {
  const fake = testApp();
  const pages = [["EUR", "JPY", "USD"].map((currency) => ({ merchant_id: "M", currency })), []];
  fake.rows = () => pages.shift() ?? [];
  fake.owner.answer((request) => {
    if (request.key.currency === "EUR") throw new Fault("OUTCOME_UNKNOWN", "lost");
    if (request.key.currency === "JPY") throw new Fault("OVERLOADED", "too much");
    return acceptedOutcome(request);
  });

  const reply = await fake.app.inject(reset({ period: "daily", merchant_id: "M" }));

  t.is(reply.statusCode, 504);
  t.like(reply.json(), { code: "OUTCOME_UNKNOWN", success: false, keys: 3, reset: 1 });
  t.deepEqual(
    reply.json<{ failed: { code: string }[] }>().failed.map(({ code }) => code),
    ["OUTCOME_UNKNOWN", "OVERLOADED"],
  );
});
