import { connect, headers, type NatsConnection } from "@nats-io/transport-node";
import anyTest, { type ExecutionContext, type TestFn } from "ava";
import fc from "fast-check";

import { shardOf } from "../../src/wire/placement.ts";
import {
  askSubject,
  limitsChangedSubject,
  parcelSubject,
  shardSubject,
} from "../../src/wire/subject.ts";
import { messageText, parcelText } from "../../src/wire/parcel.ts";
import { type Body, Client } from "../support/load-clients.ts";
import { consume, midday, rawKey } from "../support/quota-builders.ts";
import { dataFolder, startService, tokenOf } from "../support/service-process.ts";
import { type RealNats, realNats } from "../support/services-nats.ts";

/** null = there is no nats-server on this machine, which was said. */
const test = anyTest.serial as TestFn<{ readonly server: RealNats | null }>;
const shardCount = 256;
/** A failing run prints its seed; HOSTILE_RUNS=20000 tries more. */
const numRuns = Number(process.env["HOSTILE_RUNS"] ?? 200);
const key = rawKey("M-1", "USD");
const answerMaxMs = 20_000;

test.before(async (t) => {
  const server = await realNats({ own: true });
  t.context = { server: "skipped" in server ? null : server };
});
test.after.always(async (t) => {
  await t.context.server?.stop();
});

test("rubbish over NATS is refused one by one; the owner serves on and nothing has changed", async (t) => {
  const { server } = t.context;
  if (!server) return t.pass();
  const service = await startService(t, { DATA_DIR: dataFolder(t), NATS_URL: server.url });
  const client = new Client(service.url, tokenOf());
  const plain = await connect({ servers: new URL(server.url).host });
  t.teardown(() => plain.close());
  const body = { merchant_id: key.merchantId, currency: key.currency, order_no: "A", amount: 5 };
  t.is((await client.quota("consume", body)).status, 200);
  const before = await pictureOf(client);

  await plainRubbish(plain);
  await poisonedParcels(t, plain);
  for (const text of ["", "{", "[]", '{"merchant_id":1}', '{"merchant_id":"\\u0000"}']) {
    plain.publish(limitsChangedSubject, text);
  }
  await plain.flush();

  const asked = await ask(plain, askSubject("get", key.merchantId, key.currency), "");
  t.like(asked, { status: 200, daily_used: 5 });
  t.deepEqual(await pictureOf(client), before);
  t.is(service.log().filter(({ msg }) => msg === "serving").length, 1, "it never lost its shards");
  t.deepEqual(
    service.log().filter(({ level }) => Number(level) >= 50),
    [],
  );
  client.close();
  return undefined;
});

/** A plain ask whose body, header or subject is wrong in any way at all. */
async function plainRubbish(plain: NatsConnection): Promise<void> {
  const good = { order_no: "B", amount: 1 };
  const wrongBody = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.constantFrom(
      "[".repeat(30_000),
      `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`,
      '{"order_no":"B","amount":1,"__proto__":{"amount":5}}',
      '{"order_no":"B","amount":1,"metadata":{"__proto__":"x"}}',
      String.raw`{"order_no":"B","amount":1,"remarks":"\ud800"}`,
      String.raw`{"order_no":"B","amount":1,"remarks":"\u0000"}`,
      '{"order_no":"B","amount":1,"merchant_id":"other"}',
      Buffer.from([
        ...Buffer.from('{"order_no":"B","amount":1,"remarks":"'),
        0xc0,
        0xaf,
        0x22,
        0x7d,
      ]),
    ),
  );
  const wrongToken = fc.constantFrom("__proto__!", "a'b", "ü", "$1", "a".repeat(65), "%00", "USD;");
  const rubbish = fc.oneof(
    fc.record({ merchant: fc.constant("M-1"), body: wrongBody, deadline: fc.constant(null) }),
    fc.record({
      merchant: wrongToken,
      body: fc.constant(JSON.stringify(good)),
      deadline: fc.constant(null),
    }),
    fc.record({
      merchant: fc.constant("M-1"),
      body: fc.constant(JSON.stringify(good)),
      deadline: fc.constantFrom("soon", "-1", "1e99", "", "9".repeat(40)),
    }),
  );
  await fc.assert(
    fc.asyncProperty(rubbish, async ({ merchant, body, deadline }) => {
      const given = headers();
      if (deadline !== null) given.set("deadline", deadline);
      given.set("traceparent", '00-"}-01');
      const answer = await ask(plain, askSubject("consume", merchant, "USD"), body, given);
      const { status, code, errors } = answer;
      if (status !== 400 || code !== "INVALID_REQUEST" || !Array.isArray(errors)) {
        throw new Error(JSON.stringify(answer));
      }
    }),
    { numRuns },
  );
}

/** Messages that a commit could not take, had they reached a turn: they would have lost the whole batch. */
async function poisonedParcels(t: ExecutionContext, plain: NatsConnection): Promise<void> {
  const subject = parcelSubject(shardSubject(shardOf(key, shardCount)));
  const whole = messageText({
    no: 1,
    message: { request: { ...consume("POISON", 40n), key }, deadline: midday },
  });
  const late = whole.replace(/"deadline":\d+/, '"deadline":4102444800000');
  const poisons: Readonly<Record<string, string>> = {
    nothing: "",
    "no JSON": "{",
    "another version": parcelText([late]).replace('"v":1', '"v":9'),
    "an amount of 0": parcelText([late.replace('"~40"', '"~0"')]),
    "a negative amount": parcelText([late.replace('"~40"', '"~-40"')]),
    "an amount of a million digits": parcelText([
      late.replace('"~40"', `"~${"9".repeat(900_000)}"`),
    ]),
    "remarks with NUL": parcelText([
      late.replace('"remarks":null', String.raw`"remarks":"\u0000"`),
    ]),
    "half a surrogate pair": parcelText([
      late.replace('"remarks":null', String.raw`"remarks":"\udfff"`),
    ]),
    "an order of two lines": parcelText([late.replace('"POISON"', String.raw`"PO\nISON"`)]),
    "a currency that is none": parcelText([late.replaceAll('"USD"', '"usd"')]),
  };
  for (const [what, text] of Object.entries(poisons)) {
    t.not(text, parcelText([late]), what);
    const { fault } = (await ask(plain, subject, text)) as { readonly fault?: object };
    t.truthy(fault, what);
  }
  const bytes = Buffer.from(
    parcelText([late.replace('"remarks":null', '"remarks":"é"')]),
    "latin1",
  );
  t.truthy((await ask(plain, subject, bytes))["fault"], "bytes that are not UTF-8");
}

async function ask(
  plain: NatsConnection,
  subject: string,
  body: string | Uint8Array,
  given = headers(),
): Promise<Body> {
  const answer = await plain.request(subject, body, { timeout: answerMaxMs, headers: given });
  return answer.json();
}

async function pictureOf(client: Client): Promise<readonly Body[]> {
  const { merchantId, currency } = key;
  const quota = await client.get(`/api/v1/quotas/merchant/${merchantId}/currency/${currency}`);
  const log = await client.get(`/api/v1/usage-logs/merchant/${merchantId}`);
  return [{ ...quota.body, forecast: null }, log.body];
}
