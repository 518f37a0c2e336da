import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import { connect, createInbox, headers, type NatsConnection } from "@nats-io/transport-node";
import anyTest, { type ExecutionContext, type TestFn } from "ava";

import { currenciesWith } from "../../src/domain/currency.ts";
import { minor } from "../../src/domain/money.ts";
import type { Outcome } from "../../src/domain/outcome.ts";
import { natsBus } from "../../src/platform/bus-nats.ts";
import { systemClock as clock } from "../../src/platform/clock.ts";
import { Nats } from "../../src/platform/nats.ts";
import { answerPlainAsks, plainAnswerer } from "../../src/platform/nats-plain.ts";
import type { Message } from "../../src/wire/message.ts";
import { shardOf } from "../../src/wire/placement.ts";
import { createAnswerPlain } from "../../src/wire/plain-ask.ts";
import { shardSubject } from "../../src/wire/subject.ts";
import { acceptedOutcome, receipt } from "../support/edge-ask.ts";
import { until } from "../support/node-clock.ts";
import { logInto } from "../support/node-harness.ts";
import { rawKey } from "../support/quota-builders.ts";
import { configuredNats, type RealNats, realNats } from "../support/services-nats.ts";

/** null = there is no nats-server on this machine, which was said. */
interface Servers {
  /** With the mapping and the users of `ops/nats`. */
  readonly mapped: RealNats | null;
  /** As it comes. */
  readonly bare: RealNats | null;
}

const test = anyTest.serial as TestFn<Servers>;
const shardCount = 256;
const startMaxMs = 30_000;
const users = ["quota", "orders", "backoffice", "reports"];
const passwordOf = (user: string): string => `${user}-password`;

test.before(async (t) => {
  const environment = Object.fromEntries(
    users.map((user) => [`${user.toUpperCase()}_NATS_PASSWORD`, passwordOf(user)]),
  );
  const config = join(projectFolder(), "ops/nats/nats-server.conf");
  const mapped = await configuredNats({ config, environment });
  const bare = await realNats({ own: true });
  t.context = {
    mapped: "skipped" in mapped ? null : mapped,
    bare: "skipped" in bare ? null : bare,
  };
});
test.after.always(async (t) => {
  await Promise.all([t.context.mapped?.stop(), t.context.bare?.stop()]);
});

const answerPlain = createAnswerPlain({
  currencies: currenciesWith(new Map()),
  now: () => clock.now(),
  requestTimeoutMs: 60_000,
  newId: () => "request-1",
  onFault: () => undefined,
});

/** Owners of all shards, and what each was asked. */
async function owners(t: ExecutionContext, address: string) {
  const nats = new Nats({ servers: [address], name: "owner", clock, log: logInto([]) });
  t.teardown(() => nats.close());
  await until("it is connected", () => nats.connected, startMaxMs);
  const heard: { readonly shard: number; readonly message: Message }[] = [];
  const bus = natsBus({ nats, clock, shardCount, stranger: plainAnswerer(nats, answerPlain) });
  for (let shard = 0; shard < shardCount; shard++) {
    bus.serve(shardSubject(shard), (message) => {
      heard.push({ shard, message });
      return Promise.resolve(outcomeOf(message));
    });
  }
  return { nats, bus, heard };
}

/** With a total that no double holds. */
function outcomeOf({ request }: Message): Outcome {
  const outcome = acceptedOutcome(request);
  if (outcome.kind !== "accepted") return outcome;
  return { ...outcome, receipt: receipt({ pending: minor(2n ** 53n + 1n) }) };
}

/** A client without any code of ours. */
async function client(
  t: ExecutionContext,
  server: RealNats,
  user?: string,
): Promise<NatsConnection> {
  const credentials = user === undefined ? {} : { user, pass: passwordOf(user) };
  const connection = await connect({ servers: new URL(server.url).host, ...credentials });
  t.teardown(() => connection.close());
  return connection;
}

async function ask(plain: NatsConnection, subject: string, body: string, given = headers()) {
  const answer = await plain.request(subject, body, { timeout: 20_000, headers: given });
  return { text: answer.string(), body: answer.json() };
}

/** What the server says of a publishing that it refuses. */
async function violation(plain: NatsConnection, subject: string, body: string): Promise<string> {
  const statuses = plain.status();
  plain.publish(subject, body, { reply: createInbox() });
  for await (const status of statuses) {
    if (status.type === "error") return status.error.message;
  }
  return "the connection was closed";
}

function quotaAddress(server: RealNats): string {
  return server.url.replace("//", `//quota:${passwordOf("quota")}@`);
}

test("the server's mapping brings 500 keys to the shards that we compute", async (t) => {
  const { mapped } = t.context;
  if (!mapped) return t.pass();
  const { heard } = await owners(t, quotaAddress(mapped));
  const plain = await client(t, mapped, "orders");
  const keys = Array.from({ length: 500 }, (_, n) =>
    rawKey(`m_${String(n * 7919)}-${String(n % 13)}`, ["USD", "EUR", "JPY", "CNY"][n % 4] ?? ""),
  );

  await until("all shards are heard", async () => {
    const answer = await plain.request("quota.ask.get.a.USD").catch(() => null);
    return answer !== null;
  });
  heard.splice(0);
  for (const { merchantId, currency } of keys) {
    const answer = await ask(plain, `quota.ask.get.${merchantId}.${currency}`, "");
    t.like(answer.body, { status: 200, merchant_id: merchantId });
  }

  t.is(heard.length, 500);
  t.deepEqual(
    heard.map(({ shard }) => shard),
    keys.map((key) => shardOf(key, shardCount)),
  );
  t.true(new Set(heard.map(({ shard }) => shard)).size > 150);
  return undefined;
});

test("a plain client consumes through the mapping; each user may do what its permissions say", async (t) => {
  const { mapped } = t.context;
  if (!mapped) return t.pass();
  const { heard } = await owners(t, quotaAddress(mapped));
  const consume = "quota.ask.consume.M-1.USD";
  const body = JSON.stringify({ order_no: "A-1", amount: 500 });

  const orders = await client(t, mapped, "orders");
  await until("the owners are heard", async () => {
    const answer = await orders.request("quota.ask.get.M-1.USD").catch(() => null);
    return answer !== null;
  });
  const answer = await ask(orders, consume, body);
  t.like(answer.body, { success: true, duplicate: false, status: 200 });
  t.true(answer.text.includes('"pending_amount":9007199254740993,'), "exact, not a double");
  t.like(heard.at(-1)?.message.request, {
    kind: "consume",
    amount: 500n,
    operator: { id: "nats", type: "api" },
  });

  const before = heard.length;
  const reports = await client(t, mapped, "reports");
  t.regex(await violation(reports, consume, body), /Permissions Violation for Publish/);
  const suspend = "quota.ask.suspend.M-1.USD";
  const reason = JSON.stringify({ reason: "review" });
  t.regex(await violation(orders, suspend, reason), /Permissions Violation for Publish/);
  t.is(heard.length, before);
  const backoffice = await client(t, mapped, "backoffice");
  t.like((await ask(backoffice, suspend, reason)).body, { status: 200 });
  return undefined;
});

test("without the mapping edges answer, each ask once, with the caller's trace and deadline", async (t) => {
  const { bare } = t.context;
  if (!bare) return t.pass();
  const { nats, bus, heard } = await owners(t, bare.url);
  for (let edge = 0; edge < 2; edge++) {
    answerPlainAsks(nats, answerPlain, (message) =>
      bus.request(shardSubject(shardOf(message.request.key, shardCount)), message),
    );
  }
  const plain = await client(t, bare);
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const deadline = clock.now() + 30_000;
  const given = headers();
  given.set("traceparent", traceparent);
  given.set("deadline", String(deadline));
  await until("an edge is heard", async () => {
    const answer = await plain.request("quota.ask.get.a.USD").catch(() => null);
    return answer !== null;
  });
  heard.splice(0);

  const body = JSON.stringify({ order_no: "A-2", amount: 1 });
  const answer = await ask(plain, "quota.ask.consume.M-1.USD", body, given);

  t.like(answer.body, { success: true, status: 200 });
  t.is(heard.length, 1);
  t.like(heard[0]?.message, { deadline, trace: traceparent });
  return undefined;
});

test("what is wrong is named field by field, as over HTTP", async (t) => {
  const { bare } = t.context;
  if (!bare) return t.pass();
  const { nats, heard } = await owners(t, bare.url);
  answerPlainAsks(nats, answerPlain, () => Promise.reject(new Error("nothing wrong is asked")));
  const plain = await client(t, bare);
  await until("an edge is heard", async () => {
    const answer = await plain.request("quota.ask.none.a.USD").catch(() => null);
    return answer !== null;
  });
  const wrong: readonly (readonly [string, string, readonly string[]])[] = [
    ["quota.ask.pay.M-1.USD", "{}", ["subject"]],
    ["quota.ask.consume.M-1", "{}", ["subject"]],
    ["quota.ask.consume.M-1.XXQ", '{"order_no":"A","amount":1}', ["currency"]],
    ["quota.ask.consume.M$1.USD", '{"order_no":"A","amount":1}', ["merchant_id"]],
    ["quota.ask.consume.M-1.USD", '{"order_no":"A","amount":0,"x":1}', ["x", "amount"]],
    ["quota.ask.consume.M-1.USD", '{"order_no":"A","currency":"EUR"}', ["currency"]],
    ["quota.ask.get.M-1.USD", '{"amount":1}', ["amount"]],
    ["quota.ask.consume.M-1.USD", "[1]", ["body"]],
    ["quota.ask.consume.M-1.USD", "{", ["body"]],
  ];

  for (const [subject, body, fields] of wrong) {
    const { body: answer } = await ask(plain, subject, body);
    t.like(answer, { status: 400, code: "INVALID_REQUEST", success: false });
    const { errors } = answer as { errors: readonly { field: string }[] };
    t.deepEqual(errors.map(({ field }) => field).sort(), [...fields].sort(), `${subject} ${body}`);
  }
  const large = JSON.stringify({ order_no: "A", amount: 1, remarks: "x".repeat(70_000) });
  const { body: answer } = await ask(plain, "quota.ask.consume.M-1.USD", large);
  t.like(answer, { status: 413, code: "PAYLOAD_TOO_LARGE" });
  const given = headers();
  given.set("deadline", "soon");
  const late = await ask(plain, "quota.ask.get.M-1.USD", "", given);
  t.like(late.body, { status: 400, errors: [{ field: "deadline" }] });
  t.is(heard.length, 0);
  return undefined;
});

function projectFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
