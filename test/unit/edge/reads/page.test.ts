import test from "ava";

import { bearer, testApp } from "../../../support/edge-app.ts";

const long = "x".repeat(65);

test("wrong paths and queries name what is wrong", async (t) => {
  const { app, owner, ran } = testApp();
  const get = async (url: string) => {
    const reply = await app.inject({ url, headers: bearer() });
    const body = reply.json<{ code: string; errors?: { field: string }[] }>();
    return [reply.statusCode, body.code, ...(body.errors ?? []).map(({ field }) => field)];
  };
  const logs = "/api/v1/usage-logs/merchant/M";

  t.deepEqual(await get("/api/v1/quotas/merchant/a.b"), [400, "INVALID_REQUEST", "merchant_id"]);
  t.deepEqual(await get(`/api/v1/quotas/merchant/${long}`), [
    400,
    "INVALID_REQUEST",
    "merchant_id",
  ]);
  t.deepEqual(await get("/api/v1/quotas/merchant/M/currency/usd"), [
    400,
    "INVALID_REQUEST",
    "currency",
  ]);
  t.deepEqual(await get("/api/v1/usage-logs/order/a%20b"), [400, "INVALID_REQUEST", "order_no"]);
  t.deepEqual(await get("/api/v1/usage-logs/order/%00"), [400, "INVALID_REQUEST", "order_no"]);
  t.deepEqual(await get("/api/v1/usage-logs/order/%"), [400, "INVALID_REQUEST", "path"]);
  t.deepEqual(await get(`${logs}?limit=201`), [400, "INVALID_REQUEST", "limit"]);
  t.deepEqual(await get(`${logs}?limit=5.5`), [400, "INVALID_REQUEST", "limit"]);
  t.deepEqual(await get(`${logs}?success=1`), [400, "INVALID_REQUEST", "success"]);
  t.deepEqual(await get(`${logs}?limit=1&limit=2`), [400, "INVALID_REQUEST", "limit"]);
  t.deepEqual(await get(`${logs}?cursor=abc`), [400, "INVALID_REQUEST", "cursor"]);
  t.deepEqual(await get(`${logs}?from=yesterday`), [400, "INVALID_REQUEST", "from"]);
  const cursor = (ms: string) =>
    Buffer.from(`${ms} 0199a1de-0000-7000-8000-000000000001`).toString("base64url");
  for (const [name, value] of [
    ["from", "9999-12-31T23:59:59-00:01"],
    ["to", "9999-12-31T23:59:60Z"],
    ["from", "0000-01-01T00:00:00Z"],
    ["to", "1970-01-01T00:00:00%2B00:01"],
    ["cursor", cursor("-1")],
    ["cursor", cursor("-99999999999999")],
  ] as const) {
    t.deepEqual(await get(`${logs}?${name}=${value}`), [400, "INVALID_REQUEST", name], value);
  }
  t.deepEqual(await get(`${logs}?colour=red`), [400, "INVALID_REQUEST", "colour"]);
  t.deepEqual(await get("/api/v1/nothing"), [404, "NOT_FOUND"]);
  t.deepEqual(await get("/api/v1/quotas/consume"), [404, "NOT_FOUND"]);
  t.deepEqual(owner.asked, []);
  t.deepEqual(ran, []);
});
