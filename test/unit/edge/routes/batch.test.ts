import test from "ava";

import { Fault } from "../../../../src/wire/fault.ts";
import { bearer, testApp } from "../../../support/edge-app.ts";
import { acceptedOutcome, refusedOutcome } from "../../../support/edge-ask.ts";

const key = { merchant_id: "M", currency: "USD" };
const order = { ...key, order_no: "A" };
const batch = (operations: readonly object[], user: object = {}) =>
  ({
    method: "POST",
    url: "/api/v1/quotas/batch",
    headers: bearer(user),
    payload: { operations },
  }) as const;

test("each operation of a batch gets what it would have got by itself, in order", async (t) => {
  const { app, owner } = testApp();
  owner.answer((request) => {
    if (request.kind === "release") return refusedOutcome(request, "ORDER_NOT_FOUND");
    if (request.kind === "settle") throw new Fault("OVERLOADED", "too much");
    return acceptedOutcome(request);
  });

  const reply = await app.inject(
    batch([
      { op: "consume", ...order, amount: 1 },
      { op: "release", ...order },
      { op: "consume", ...order, amount: 0, colour: "red" },
      { op: "vanish", ...order },
      { op: "reset", period: "daily" },
      { op: "adjust", ...key, daily_adjust: 1, reason: "r" },
      { op: "settle", ...order },
      { op: "check", ...key, amount: 1 },
      { op: "reserve", ...order, amount: 1 },
      {},
    ]),
  );

  t.is(reply.statusCode, 200);
  t.like(reply.json(), {
    results: [
      { status: 200, success: true, daily_used: 50_000 },
      { status: 404, code: "ORDER_NOT_FOUND" },
      { status: 400, code: "INVALID_REQUEST", errors: [{ field: "colour" }, { field: "amount" }] },
      { status: 400, errors: [{ field: "op" }] },
      { status: 400, errors: [{ field: "op" }] },
      { status: 403, code: "FORBIDDEN" },
      { status: 503, code: "OVERLOADED" },
      { status: 200, allowed: true },
      { status: 200, order_no: "A", reservation: { state: "open" } },
      { status: 400, errors: [{ field: "op" }] },
    ],
  });
  t.deepEqual(
    owner.asked.map(({ kind }) => kind),
    ["consume", "release", "settle", "check", "reserve"],
  );
});

test("all operations are on their way before the first is answered", async (t) => {
  const { app, owner } = testApp();
  const asked: number[] = [];
  owner.answer(async (request) => {
    await Promise.resolve();
    asked.push(owner.asked.length);
    return acceptedOutcome(request);
  });

  await app.inject(
    batch([1, 2, 3].map((n) => ({ op: "consume", ...key, order_no: `A-${n}`, amount: n }))),
  );

  t.deepEqual(asked, [3, 3, 3]);
  t.like(owner.asked, [{ orderNo: "A-1" }, { orderNo: "A-2" }, { orderNo: "A-3" }]);
});

test("an admin may correct and suspend in a batch", async (t) => {
  const { app, owner } = testApp();

  const reply = await app.inject(
    batch([{ op: "suspend", ...key, reason: "r" }], { user_type: "admin" }),
  );

  t.like(reply.json(), { results: [{ status: 200 }] });
  t.like(owner.asked[0], { kind: "suspend", reason: "r", remarks: "r" });
});

test("a batch holds 1 to 1,000 operations", async (t) => {
  const { app, owner } = testApp();
  const operation = { op: "check", ...key, amount: 1 };

  const none = await app.inject(batch([]));
  const most = await app.inject(batch(Array.from({ length: 1_000 }, () => operation)));
  const more = await app.inject(batch(Array.from({ length: 1_001 }, () => operation)));

  t.deepEqual([none.statusCode, most.statusCode, more.statusCode], [400, 200, 400]);
  t.is(owner.asked.length, 1_000);
});
