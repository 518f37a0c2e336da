import { createHmac } from "node:crypto";
import test, { type ExecutionContext } from "ava";

import { type Answer, Client, currency } from "../support/load-clients.ts";
import { type ServiceProcess, startService, tokenOf } from "../support/service-process.ts";
import { ownStore } from "../support/stores.ts";
import { quotaOf } from "../support/audit.ts";
import { post, rawRequest } from "./raw-http.ts";

const key = { merchant_id: "m", currency };
const consume = "/api/v1/quotas/consume";
/** A request's head and body have to be there within 15 s; the server looks every so often. */
const slowMaxMs = 60_000;

/** Bodies of consume as they are sent, and the field that the answer names. */
const wrongBodies: Readonly<Record<string, readonly [body: string, field: string]>> = {
  "amount 0": [bodyWith(`"amount":0`), "amount"],
  "a negative amount": [bodyWith(`"amount":-1`), "amount"],
  "amount 1.5": [bodyWith(`"amount":1.5`), "amount"],
  "an amount in quotes": [bodyWith(`"amount":"100"`), "amount"],
  "amount 1e21": [bodyWith(`"amount":1e21`), "amount"],
  "amount 2^53": [bodyWith(`"amount":9007199254740992`), "amount"],
  "amount 2^53 + 1, which a JSON reader rounds": [bodyWith(`"amount":9007199254740993`), "amount"],
  "no amount": [JSON.stringify({ ...key, order_no: "X" }), "amount"],
  "a small currency": [bodyWith(`"amount":1`, { currency: "usd" }), "currency"],
  "an unknown currency": [bodyWith(`"amount":1`, { currency: "ZZZ" }), "currency"],
  "a merchant with a space": [bodyWith(`"amount":1`, { merchant_id: "a b" }), "merchant_id"],
  "a merchant with a dot": [bodyWith(`"amount":1`, { merchant_id: "a.b" }), "merchant_id"],
  "a merchant of 65 characters": [
    bodyWith(`"amount":1`, { merchant_id: "a".repeat(65) }),
    "merchant_id",
  ],
  "a merchant with NUL": [bodyWith(`"amount":1`, { merchant_id: "a\0" }), "merchant_id"],
  "a merchant with an emoji": [bodyWith(`"amount":1`, { merchant_id: "a😀" }), "merchant_id"],
  "an order with a space": [bodyWith(`"amount":1`, { order_no: "a b" }), "order_no"],
  "an order of 65 characters": [bodyWith(`"amount":1`, { order_no: "a".repeat(65) }), "order_no"],
  "an order with NUL": [bodyWith(`"amount":1`, { order_no: "a\0" }), "order_no"],
  "an order with an emoji": [bodyWith(`"amount":1`, { order_no: "a😀" }), "order_no"],
  "an unknown field": [bodyWith(`"amount":1,"ammount":2`), "ammount"],
  "remarks with NUL": [bodyWith(`"amount":1`, { remarks: "a\0b" }), "remarks"],
  "broken JSON": [`{"merchant_id":"m",`, "body"],
  "a body that is no object": ["[]", "body"],
  nothing: ["", "body"],
  "60,000 brackets": ["[".repeat(60_000), "body"],
  "60,000 brackets that close": ["[".repeat(30_000) + "]".repeat(30_000), "body"],
  "deep JSON in a field": [
    bodyWith(`"amount":1,"metadata":${"[".repeat(30_000)}${"]".repeat(30_000)}`),
    "metadata",
  ],
};

test.serial("bad input gets the stated answer and changes nothing", async (t) => {
  const service = await startService(t, {
    ...(await ownStore(t)),
    DEFAULT_SINGLE_MAX: "",
    DEFAULT_DAILY_LIMIT: "",
    DEFAULT_MONTHLY_LIMIT: "",
    DEFAULT_YEARLY_LIMIT: "",
  });
  const slow = rawRequest(service.port, `POST ${consume} HTTP/1.1\r\nhost: x\r\nx-a: `, slowMaxMs);
  const slowBody = rawRequest(
    service.port,
    `POST ${consume} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${tokenOf()}\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{`,
    slowMaxMs,
  );
  const client = new Client(service.url, tokenOf());
  const admin = new Client(service.url, tokenOf({ user_type: "admin" }));
  t.is((await client.quota("consume", { ...key, order_no: "FIRST", amount: 500 })).status, 200);

  await unchanged(t, client, () => wrongFields(t, service));
  await unchanged(t, client, () => wrongTransport(t, service));
  await unchanged(t, client, () => wrongTokens(t, service));
  await unchanged(t, client, () => wrongOrders(t, client));
  await unchanged(t, client, () => wrongCorrections(t, admin));
  await overflow(t, client, admin);
  await expiredHold(t, client);

  for (const { status, closedAfterMs } of [await slow, await slowBody]) {
    t.log(
      `a request that never ends was cut after ${(closedAfterMs / 1_000).toFixed(1)} s with ${String(status)}`,
    );
    t.true(status === 408 || status === null, String(status));
  }
  t.is((await client.get("/health/ready")).status, 200);
  t.deepEqual(
    service.log().filter(({ level }) => Number(level) >= 50),
    [],
  );
});

async function wrongFields(t: ExecutionContext, { port }: ServiceProcess): Promise<void> {
  for (const [name, [body, field]] of Object.entries(wrongBodies)) {
    const { status, text } = await rawRequest(port, post(consume, tokenOf(), body));
    t.is(status, 400, `${name}: ${text}`);
    t.regex(text, /"code":"INVALID_REQUEST"/, name);
    t.true(text.includes(`"field":"${field}`) || field === "body", `${name}: ${text}`);
  }
}

async function wrongTransport(t: ExecutionContext, { port }: ServiceProcess): Promise<void> {
  const good = bodyWith(`"amount":1`);
  const wrongType = await rawRequest(
    port,
    post(consume, tokenOf(), good, ["content-type: text/plain"]),
  );
  t.is(wrongType.status, 400);
  t.regex(wrongType.text, /"field":"content-type"/);
  const large = bodyWith(`"amount":1`, { remarks: "x".repeat(64 * 1024) });
  const tooLarge = await rawRequest(port, post(consume, tokenOf(), large));
  t.is(tooLarge.status, 413);
  t.regex(tooLarge.text, /"code":"PAYLOAD_TOO_LARGE"/);
  const batch = JSON.stringify({ operations: [], more: "x".repeat(1024 * 1024) });
  t.is((await rawRequest(port, post("/api/v1/quotas/batch", tokenOf(), batch))).status, 413);
  const head = await rawRequest(
    port,
    post(consume, tokenOf(), good, [`x-long: ${"x".repeat(65 * 1024)}`]),
  );
  t.is(head.status, 431);
  t.is((await rawRequest(port, "GARBAGE\r\n\r\n")).status, 400);
}

async function wrongTokens(t: ExecutionContext, { url }: ServiceProcess): Promise<void> {
  const body = { ...key, order_no: "X", amount: 1 };
  const claims = { user_id: "e2e", user_type: "admin", exp: 4_102_444_800 };
  const tokens: Readonly<Record<string, string>> = {
    none: "",
    expired: tokenOf({}, -10),
    "alg none": signed({ alg: "none" }, claims, ""),
    "signed by another": signed(
      { alg: "HS256" },
      claims,
      "another secret of more than 32 characters",
    ),
    "cut short": tokenOf().slice(0, -2),
  };
  for (const [name, token] of Object.entries(tokens)) {
    const { status, headers, body: told } = await new Client(url, token).quota("consume", body);
    t.like({ status, code: told["code"] }, { status: 401, code: "UNAUTHENTICATED" }, name);
    t.regex(String(headers["www-authenticate"]), /^Bearer /, name);
  }
  const merchant = new Client(url, tokenOf({ user_type: "merchant", tenant_id: "another" }));
  for (const path of [
    "quotas/merchant/m",
    `quotas/merchant/m/currency/${currency}`,
    "usage-logs/merchant/m",
    "alerts/merchant/m",
    "usage-logs/stats?merchant_id=m",
  ]) {
    says(t, await merchant.get(`/api/v1/${path}`), 403, "FORBIDDEN");
  }
  const foreign = await merchant.get("/api/v1/usage-logs/order/FIRST");
  t.deepEqual(foreign.body["items"], [], "an order of another merchant is not there");
  says(t, await merchant.quota("consume", body), 403, "FORBIDDEN");
  const calling = new Client(url, tokenOf());
  says(
    t,
    await calling.quota("adjust", { ...key, daily_adjust: 1, reason: "x" }),
    403,
    "FORBIDDEN",
  );
}

async function wrongOrders(t: ExecutionContext, client: Client): Promise<void> {
  const first = { ...key, order_no: "FIRST" };
  says(t, await client.quota("consume", { ...first, amount: 501 }), 409, "ORDER_CONFLICT");
  says(t, await client.quota("reserve", { ...first, amount: 500 }), 409, "ORDER_CONFLICT");
  says(t, await client.quota("release", { ...first, order_no: "NONE" }), 404, "ORDER_NOT_FOUND");
  says(t, await client.quota("confirm", { ...first, order_no: "NONE" }), 404, "ORDER_NOT_FOUND");
  const much = { ...first, refund_no: "R", amount: 501 };
  says(t, await client.quota("release", much), 409, "RELEASE_EXCEEDS_CONSUMED");
}

async function wrongCorrections(t: ExecutionContext, admin: Client): Promise<void> {
  const down = { ...key, reason: "too much", daily_adjust: -501 };
  says(t, await admin.quota("adjust", down), 422, "ADJUST_BELOW_ZERO");
  says(t, await admin.quota("adjust", { ...key, reason: "none" }), 400, "INVALID_REQUEST");
}

/** Unlimited windows still end where a column does. */
async function overflow(t: ExecutionContext, client: Client, admin: Client): Promise<void> {
  const most = Number.MAX_SAFE_INTEGER;
  const operations = Array.from({ length: 1_000 }, (_, number) => ({
    op: "consume",
    merchant_id: "overflow",
    currency,
    order_no: `O-${number}`,
    amount: most,
  }));
  for (const part of ["a", "b"]) {
    const numbered = operations.map((each) => ({ ...each, order_no: `${part}-${each.order_no}` }));
    const { status, body } = await client.quota("batch", { operations: numbered });
    t.is(status, 200);
    const results = body["results"] as readonly {
      readonly status: number;
      readonly code?: string;
    }[];
    const wanted = part === "a" ? [200] : [200, 422];
    t.deepEqual([...new Set(results.map((each) => each.status))].sort(), wanted);
    for (const { status: one, code } of results) if (one !== 200) t.is(code, "AMOUNT_OVERFLOW");
    // 1,024 times 2^53 - 1 is the most that stays below 2^63.
    if (part === "b") t.is(results.filter((each) => each.status === 200).length, 24);
  }
  const over = { merchant_id: "overflow", currency, reason: "x", yearly_adjust: most };
  says(t, await admin.quota("adjust", over), 422, "AMOUNT_OVERFLOW");
}

async function expiredHold(t: ExecutionContext, client: Client): Promise<void> {
  const hold = { ...key, order_no: "HOLD" };
  t.is((await client.quota("reserve", { ...hold, amount: 7, ttl_seconds: 1 })).status, 200);
  const deadline = performance.now() + 20_000;
  for (;;) {
    const { reserved_amount: reserved } = await quotaOf(t, client, "m");
    if (reserved === 0) break;
    if (performance.now() > deadline) t.fail("the hold did not expire");
  }
  await unchanged(t, client, async () => {
    says(t, await client.quota("confirm", hold), 409, "RESERVATION_EXPIRED");
  });
  t.is((await client.quota("release", { ...key, order_no: "FIRST" })).status, 200);
  await unchanged(t, client, async () => {
    const twice = await client.quota("release", { ...key, order_no: "FIRST" });
    t.like(twice, { status: 200, body: { duplicate: true } });
    const other = { ...key, order_no: "FIRST", refund_no: "R-2", amount: 1 };
    says(t, await client.quota("release", other), 409, "RELEASE_EXCEEDS_CONSUMED");
  });
}

/** The merchant stands as it did, apart from what moves with the clock. */
async function unchanged(
  t: ExecutionContext,
  client: Client,
  run: () => Promise<void>,
): Promise<void> {
  const before = { ...(await quotaOf(t, client, "m")), forecast: null };
  await run();
  t.deepEqual({ ...(await quotaOf(t, client, "m")), forecast: null }, before);
}

function says(t: ExecutionContext, { status, body }: Answer, wanted: number, code: string): void {
  t.like(
    { status, code: body["code"], success: body["success"] },
    { status: wanted, code, success: false },
  );
}

function bodyWith(fields: string, over: object = {}): string {
  const rest = JSON.stringify({ ...key, order_no: "X", ...over });
  return `${rest.slice(0, -1)},${fields}}`;
}

function signed(header: object, claims: object, secret: string): string {
  const part = (of: object): string => Buffer.from(JSON.stringify(of)).toString("base64url");
  const text = `${part(header)}.${part(claims)}`;
  if (secret === "") return `${text}.`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}
