import test from "ava";
import { createSigner } from "fast-jwt";
import { createHmac } from "node:crypto";

import { bearer, secret, testApp } from "../../../support/edge-app.ts";
import { noon } from "../../../support/edge-ask.ts";

const claims = { user_id: "user-1", user_type: "service", exp: noon / 1_000 + 60 };
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const hmac = (text: string, key: string): string =>
  createHmac("sha256", key).update(text).digest("base64url");
const signed = (header: object, body: object, key = secret): string => {
  const text = `${part(header)}.${part(body)}`;
  return `Bearer ${text}.${hmac(text, key)}`;
};
const hs256 = { alg: "HS256", typ: "JWT" };

const refusedTokens: readonly (readonly [string, string | undefined])[] = [
  ["no token", undefined],
  ["an empty header", ""],
  ["another scheme", "Basic dXNlcjpwYXNz"],
  ["no JWT", "Bearer abc"],
  ["an expired token", signed(hs256, { ...claims, exp: noon / 1_000 })],
  ["alg none", `Bearer ${part({ alg: "none" })}.${part(claims)}.`],
  ["alg none with a signature", signed({ alg: "none" }, claims)],
  ["a wrong signature", signed(hs256, claims, "another-secret-of-more-than-32-characters")],
  ["RS256 signed with the secret", signed({ alg: "RS256" }, claims)],
  ["HS512", `Bearer ${createSigner({ key: secret, algorithm: "HS512" })(claims)}`],
  ["no exp", signed(hs256, { user_id: "user-1", user_type: "service" })],
  ["exp as text", signed(hs256, { ...claims, exp: "2099-01-01" })],
  ["nbf in the future", signed(hs256, { ...claims, nbf: noon / 1_000 + 1 })],
  ["no user_id", signed(hs256, { user_type: "admin", exp: claims.exp })],
  ["user_id with NUL", signed(hs256, { ...claims, user_id: "a\0" })],
];

for (const [what, authorization] of refusedTokens) {
  test(`${what} is answered 401, and how to log in`, async (t) => {
    const { app, owner } = testApp();

    const reply = await app.inject({
      method: "POST",
      url: "/api/v1/quotas/consume",
      headers: authorization === undefined ? {} : { authorization },
      payload: { merchant_id: "M", currency: "USD", order_no: "A", amount: 1 },
    });

    t.is(reply.statusCode, 401);
    t.like(reply.json(), { code: "UNAUTHENTICATED", success: false });
    t.regex(String(reply.headers["www-authenticate"]), /^Bearer realm=/);
    t.deepEqual(owner.asked, []);
  });
}

test("a token that was good a moment ago is refused once it has expired", async (t) => {
  const { app, clock } = testApp();
  const get = () =>
    app.inject({
      url: "/api/v1/quotas/merchant/M/currency/USD",
      headers: bearer({ exp: claims.exp }),
    });

  const before = await get();
  const again = await get();
  clock.nowMs = noon + 60_000;
  const after = await get();

  t.deepEqual([before.statusCode, again.statusCode, after.statusCode], [200, 200, 401]);
});

test("a token that expires between the head and the body is good for that request", async (t) => {
  const { app, clock, owner } = testApp();
  app.addHook("preValidation", (_request, _reply, done) => {
    clock.nowMs = noon + 60_000;
    done();
  });

  const reply = await app.inject({
    method: "POST",
    url: "/api/v1/quotas/consume",
    headers: bearer({ exp: claims.exp }),
    payload: { merchant_id: "M", currency: "USD", order_no: "A", amount: 1 },
  });

  t.is(reply.statusCode, 200);
  t.like(owner.asked, [{ operator: { id: "user-1" } }]);
});

test("a wrong token is answered before its body is looked at", async (t) => {
  const { app } = testApp();

  const reply = await app.inject({
    method: "POST",
    url: "/api/v1/quotas/consume",
    payload: "{",
    headers: { "content-type": "application/json" },
  });

  t.is(reply.statusCode, 401);
});

const key = { merchant_id: "M", currency: "USD" };
const order = { ...key, order_no: "A" };
/** Each call, a body for it, and the right it needs. */
const calls: readonly (readonly [string, string, object | undefined, string])[] = [
  ["POST", "/api/v1/quotas/check", { ...key, amount: 1 }, "caller"],
  ["POST", "/api/v1/quotas/consume", { ...order, amount: 1 }, "caller"],
  ["POST", "/api/v1/quotas/release", order, "caller"],
  ["POST", "/api/v1/quotas/reserve", { ...order, amount: 1 }, "caller"],
  ["POST", "/api/v1/quotas/confirm", order, "caller"],
  ["POST", "/api/v1/quotas/cancel", order, "caller"],
  ["POST", "/api/v1/quotas/settle", order, "caller"],
  ["POST", "/api/v1/quotas/batch", { operations: [{ op: "check", ...key, amount: 1 }] }, "caller"],
  ["POST", "/api/v1/quotas/adjust", { ...key, daily_adjust: 1, reason: "r" }, "admin"],
  ["POST", "/api/v1/quotas/reset", { ...key, period: "daily" }, "admin"],
  ["POST", "/api/v1/quotas/suspend", { ...key, reason: "r" }, "admin"],
  ["POST", "/api/v1/quotas/resume", { ...key, reason: "r" }, "admin"],
  ["GET", "/api/v1/quotas/merchant/M", undefined, "reader"],
  ["GET", "/api/v1/quotas/merchant/M/currency/USD", undefined, "reader"],
  ["GET", "/api/v1/quotas/stats", undefined, "admin"],
  ["GET", "/api/v1/usage-logs/merchant/M", undefined, "reader"],
  ["GET", "/api/v1/usage-logs/order/A", undefined, "reader"],
  ["GET", "/api/v1/usage-logs/stats", undefined, "reader"],
  ["GET", "/api/v1/alerts/merchant/M", undefined, "reader"],
  ["GET", "/api/v1/alerts/unresolved", undefined, "admin"],
  ["POST", "/api/v1/alerts/0199a1de-0000-7000-8000-000000000001/resolve", {}, "admin"],
];
const users: readonly (readonly [string, object, readonly string[]])[] = [
  ["an admin", { user_type: "admin" }, ["reader", "caller", "admin"]],
  ["a service", { user_type: "service" }, ["reader", "caller"]],
  ["the merchant itself", { user_type: "merchant", tenant_id: "M" }, ["reader"]],
  ["a merchant of nobody", { user_type: "merchant" }, []],
  ["a stranger", { user_type: "viewer" }, []],
  ["a role named admin", { user_type: "viewer", roles: ["admin"] }, []],
  ["quota:read", { user_type: "viewer", permissions: ["quota:read"] }, ["reader"]],
  ["quota:write", { user_type: "viewer", permissions: ["quota:write"] }, ["caller"]],
  ["quota:admin", { user_type: "x", permissions: ["quota:admin"] }, ["reader", "caller", "admin"]],
];

for (const [who, user, rights] of users) {
  test(`${who} may do what the contract says, and nothing else`, async (t) => {
    const { app } = testApp();

    for (const [method, url, payload, right] of calls) {
      const reply = await app.inject({
        method: method === "GET" ? "GET" : "POST",
        url,
        headers: bearer(user),
        ...(payload === undefined ? {} : { payload }),
      });

      const isRefused = reply.statusCode === 403;
      t.is(isRefused, !rights.includes(right), `${method} ${url}: ${reply.statusCode}`);
      if (isRefused) t.like(reply.json(), { code: "FORBIDDEN", success: false });
    }
  });
}

test("a merchant never sees or touches another, whatever it is permitted", async (t) => {
  const { app, owner, ran } = testApp();
  const permissions = ["quota:read", "quota:write"];
  const headers = bearer({ user_type: "merchant", tenant_id: "other", permissions });

  for (const [method, url, payload, right] of calls) {
    if (right === "admin" || /batch|order|logs\/stats/.test(url)) continue;
    const reply = await app.inject({
      method: method === "GET" ? "GET" : "POST",
      url,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
    t.is(reply.statusCode, 403, url);
  }
  const batch = await app.inject({
    method: "POST",
    url: "/api/v1/quotas/batch",
    headers,
    payload: { operations: [{ op: "consume", ...order, amount: 1 }] },
  });
  const stats = await app.inject({ url: "/api/v1/usage-logs/stats?merchant_id=M", headers });
  await app.inject({ url: "/api/v1/usage-logs/stats", headers });
  await app.inject({ url: "/api/v1/usage-logs/order/A", headers });

  t.like(batch.json(), { results: [{ status: 403, code: "FORBIDDEN" }] });
  t.is(stats.statusCode, 403);
  t.deepEqual(owner.asked, []);
  t.deepEqual(
    ran.map(({ values }) => values.includes("other")),
    [true, true],
  );
});

test("the operator of a command is the user, and an admin is called one", async (t) => {
  const { app, owner } = testApp();
  const post = (user: object) =>
    app.inject({
      method: "POST",
      url: "/api/v1/quotas/settle",
      headers: bearer(user),
      payload: order,
    });

  await post({ user_id: "gateway", user_type: "service" });
  await post({ user_id: "root", user_type: "admin" });

  t.like(owner.asked[0], { operator: { id: "gateway", type: "api" } });
  t.like(owner.asked[1], { operator: { id: "root", type: "admin" } });
});

const read = { url: "/api/v1/quotas/merchant/M/currency/USD" };

test("a caller that asks more often than it may is answered 429, by its user_id, and others are not", async (t) => {
  const { app, owner } = testApp({ rateLimitPerSecond: 2 });
  const get = (user: string, more = {}) =>
    app.inject({ ...read, headers: bearer({ user_id: user, ...more }) });
  t.is((await get("a")).statusCode, 200);
  t.is((await get("a", { username: "another token of it" })).statusCode, 200);

  const reply = await get("a");

  t.is(reply.statusCode, 429);
  t.like(reply.json(), { code: "RATE_LIMITED", success: false });
  t.is(reply.headers["retry-after"], "1");
  t.is((await get("b")).statusCode, 200);
  t.is(owner.asked.length, 3);
});

test("who sends tokens that are none is not even heard after some; a token that is known is", async (t) => {
  const { app } = testApp({ rateLimitPerSecond: 2 });
  const get = (authorization: string) => app.inject({ ...read, headers: { authorization } });
  const { authorization: known } = bearer();
  t.is((await get(known)).statusCode, 200);
  for (const guess of ["Bearer a.b.c", "Bearer a.b.d"]) t.is((await get(guess)).statusCode, 401);

  t.like((await get("Bearer a.b.e")).json(), { code: "RATE_LIMITED", status: 429 });
  t.is((await get(known)).statusCode, 200);
});

test("without a limit nobody is held back", async (t) => {
  const { app } = testApp();
  for (let n = 0; n < 50; n += 1) {
    t.is((await app.inject({ ...read, headers: bearer() })).statusCode, 200);
  }
});
