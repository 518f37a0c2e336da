import test, { type ExecutionContext } from "ava";

import { type Body, Client } from "../support/load-clients.ts";
import { type ServiceProcess, startService, tokenOf } from "../support/service-process.ts";
import { ownStore } from "../support/stores.ts";
import { quotaOf } from "../support/audit.ts";
import { post, rawRequest } from "./raw-http.ts";

const key = { merchant_id: "m", currency: "USD" };
const consume = "/api/v1/quotas/consume";

/** Text that another program could take for its own words. */
const strange: readonly string[] = [
  "'; drop table quota_orders; --",
  `" or "1"="1`,
  "$1 $$ :a ? %s \\",
  "E'\\\\x41' || pg_sleep(9)",
  'a\r\n{"level":60,"msg":"forged"}',
  "\u001b[2J\u0007\u2028\u2029\u0085",
  "<script>alert(1)</script>{{7*7}}${7*7}",
  "~1n ~~",
  "e\u0301 \u{1f468}\u200d\u{1f469} \u202ertl \ufffd \uffff",
];

/** Bodies as they are sent, and the field that the answer names; each is refused. */
const poisoned: Readonly<Record<string, readonly [body: string | Buffer, field: string]>> = {
  __proto__: [bodyWith('"__proto__":{"amount":5}'), "body"],
  "__proto__ in escapes": [bodyWith(String.raw`"__pr\u006fto__":{"amount":5}`), "body"],
  "__proto__ in the metadata": [bodyWith('"metadata":{"__proto__":"x"}'), "body"],
  "constructor.prototype": [bodyWith('"constructor":{"prototype":{"amount":5}}'), "body"],
  "constructor as a field": [bodyWith('"constructor":1'), "constructor"],
  "half a surrogate pair": [bodyWith(String.raw`"remarks":"\ud800"`), "remarks"],
  "half a surrogate pair in a name": [bodyWith(String.raw`"metadata":{"\ud800":1}`), "metadata"],
  NUL: [bodyWith(String.raw`"remarks":"a\u0000b"`), "remarks"],
  "NUL in metadata": [bodyWith(String.raw`"metadata":{"a":"\u0000"}`), "metadata.a"],
  "an overlong slash": [withBytes([0xc0, 0xaf]), "body"],
  "half a surrogate pair in UTF-8": [withBytes([0xed, 0xa0, 0x80]), "body"],
  "a byte of Latin 1": [withBytes([0xe9]), "body"],
  "a number that no double has": [bodyWith('"metadata":{"a":12345678901234567890}'), "metadata.a"],
  "a number that is infinite": [bodyWith('"metadata":{"a":1e400}'), "metadata.a"],
  "17 values": [
    bodyWith(
      `"metadata":${JSON.stringify(Object.fromEntries("abcdefghijklmnopq".split("").map((name) => [name, 1])))}`,
    ),
    "metadata",
  ],
  "UTF-16": [Buffer.from(`\ufeff${bodyWith('"remarks":""')}`, "utf16le"), "body"],
};

test.serial(
  "text is stored as it was sent or refused; it is never a statement, a log line or a prototype",
  async (t) => {
    const service = await startService(t, { ...(await ownStore(t)), LOG_LEVEL: "debug" });
    const client = new Client(
      service.url,
      tokenOf({ user_type: "admin", user_id: strange[0] ?? "" }),
    );
    t.is((await client.quota("consume", { ...key, order_no: "FIRST", amount: 5 })).status, 200);
    const before = await quotaOf(t, client, "m");

    for (const [what, [body, field]] of Object.entries(poisoned)) {
      const { status, text } = await rawRequest(service.port, post(consume, tokenOf(), body));
      t.is(status, 400, `${what}: ${text}`);
      t.true(text.includes(`"field":"${field}`), `${what}: ${text}`);
    }
    await idsThatAreNone(t, client);
    t.deepEqual(
      { ...(await quotaOf(t, client, "m")), forecast: null },
      { ...before, forecast: null },
    );

    await storedAsSent(t, client);
    await batchOfPrototypes(t, client);
    await lastOfTwo(t, service, client);
    await noLineForged(t, service);
    client.close();
  },
);

/** In every field with a form of its own, text is refused before anything sees it. */
async function idsThatAreNone(t: ExecutionContext, client: Client): Promise<void> {
  const whole = { ...key, order_no: "A", payment_no: "P", refund_no: "R" };
  for (const field of Object.keys(whole)) {
    for (const text of strange.filter((each) => !isReference(each))) {
      const { status, body } = await client.quota("release", { ...whole, [field]: text });
      t.like({ status, code: body["code"] }, { status: 400, code: "INVALID_REQUEST" }, field);
    }
  }
  for (const text of strange) {
    const sought = encodeURIComponent(text);
    for (const path of [`quotas/merchant/${sought}`, `alerts/unresolved?type=${sought}`]) {
      t.is((await client.get(`/api/v1/${path}`)).status, 400, path);
    }
  }
}

/** What is visible ASCII without spaces is a number of an order, whatever it spells. */
function isReference(text: string): boolean {
  return /^[!-~]{1,64}$/.test(text);
}

async function storedAsSent(t: ExecutionContext, client: Client): Promise<void> {
  for (const [n, text] of strange.entries()) {
    // References are visible ASCII: what of the text is so, is one.
    const reference = text.replaceAll(/[^!-~]/g, "").slice(0, 64);
    const sent = {
      order_no: `${n}${reference}`.slice(0, 64),
      payment_no: reference,
      remarks: text,
      metadata: { [text]: text, constructor: text, toString: 1 },
    };
    t.is((await client.quota("consume", { ...key, ...sent, amount: 1 })).status, 200, text);
    const path = `/api/v1/usage-logs/order/${encodeURIComponent(sent.order_no)}`;
    const { body } = await client.get(path);
    const [entry] = body["items"] as readonly Body[];
    t.like(entry, { ...sent, operator_id: strange[0] }, text);
  }
  const suspended = await client.quota("suspend", { ...key, reason: strange[0] });
  t.is(suspended.status, 200);
  t.is((await quotaOf(t, client, "m"))["suspended_reason"], strange[0]);
  t.is((await client.quota("resume", { ...key, reason: strange[1] })).status, 200);
}

async function batchOfPrototypes(t: ExecutionContext, client: Client): Promise<void> {
  const names = ["constructor", "toString", "hasOwnProperty", "reset", ""];
  const operations = names.map((op) => ({ op, ...key, amount: 1, order_no: "A" }));
  const { status, body } = await client.quota("batch", { operations });
  t.is(status, 200);
  for (const result of body["results"] as readonly Body[]) {
    t.like(result, { status: 400, errors: [{ field: "op" }] });
  }
}

/** RFC 8259 leaves open which of two equal names counts: here it is the last, in the rule, the receipt and the log. */
async function lastOfTwo(
  t: ExecutionContext,
  { port }: ServiceProcess,
  client: Client,
): Promise<void> {
  const before = Number((await quotaOf(t, client, "m"))["daily_used"]);
  const twice = `{"merchant_id":"other","merchant_id":"m","currency":"USD","order_no":"TWICE","amount":900,"amount":2}`;
  t.is((await rawRequest(port, post(consume, tokenOf(), twice))).status, 200);
  t.is((await quotaOf(t, client, "m"))["daily_used"], before + 2);
  t.is((await quotaOf(t, client, "other"))["daily_used"], 0);
  const { body } = await client.get("/api/v1/usage-logs/order/TWICE");
  t.like(body["items"], [{ merchant_id: "m", amount: 2 }]);
}

/** Every line of the log is one of the service's own, whatever ids and headers say. */
async function noLineForged(t: ExecutionContext, service: ServiceProcess): Promise<void> {
  const forged = '","level":60,"msg":"forged","x":"';
  const headers = [
    `x-request-id: ${forged}`,
    `traceparent: 00-${forged}-01`,
    `user-agent: ${forged}`,
    `x-forwarded-for: ${forged}`,
  ];
  const { status, text } = await rawRequest(service.port, post(consume, "a.b.c", "{", headers));
  t.is(status, 401);
  t.true(text.includes(`x-request-id: ${forged}`), "a request id comes back as it was given");
  const lines = service
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{"));
  t.is(lines.length, service.log().length, "every line is JSON");
  for (const line of service.log()) {
    t.not(line["msg"], "forged");
    t.true(Number(line["level"]) < 40, JSON.stringify(line));
  }
  t.notRegex(
    service.output().replace(/^export TOKEN=.*$/m, ""),
    /eyJ[\w-]{10,}\./,
    "a token is in the log",
  );
}

function bodyWith(fields: string): string {
  return `${JSON.stringify({ ...key, order_no: "X", amount: 1 }).slice(0, -1)},${fields}}`;
}

function withBytes(bytes: readonly number[]): Buffer {
  const [before = "", after = ""] = bodyWith('"remarks":"|"').split("|");
  return Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
}
