import { connect, type NatsConnection } from "@nats-io/transport-node";
import anyTest, { type TestFn } from "ava";

import { natsQuotaClient, QuotaFault } from "merchant-quota-service/client";

import { processTimer } from "../../src/client/timer.ts";
import { askSubject } from "../../src/wire/subject.ts";
import { type RealNats, realNats } from "../support/services-nats.ts";

/** A real server; null = there is none on this machine, which was said. */
interface Parts {
  readonly server: RealNats | null;
}

const test = anyTest.serial as TestFn<Parts>;
const order = { merchant_id: "m-1", currency: "USD", order_no: "O-1", amount: 500 };

test.before(async (t) => {
  const server = await realNats({ own: true });
  t.context = { server: "skipped" in server ? null : server };
});
test.after.always(async (t) => {
  await t.context.server?.stop();
});

interface Heard {
  readonly subject: string;
  readonly body: unknown;
  readonly deadline: number;
}

/** Answers in place of the service, one answer a request. */
function answer(connection: NatsConnection, answers: readonly object[]): readonly Heard[] {
  const heard: Heard[] = [];
  connection.subscribe(askSubject("*", "*", "*"), {
    callback: (error, message) => {
      if (error) throw error;
      const deadline = Number(message.headers?.get("deadline"));
      message.respond(JSON.stringify(answers[heard.length] ?? {}));
      heard.push({ subject: message.subject, body: message.json(), deadline });
    },
  });
  return heard;
}

async function connections(t: {
  readonly context: Parts;
  teardown(run: () => Promise<void>): void;
  log(text: string): void;
}): Promise<{ readonly asking: NatsConnection; readonly answering: NatsConnection } | null> {
  const { server } = t.context;
  if (!server) return null;
  const [asking, answering] = await Promise.all([
    connect({ servers: server.url }),
    connect({ servers: server.url }),
  ]);
  t.teardown(async () => {
    await Promise.all([asking.close(), answering.close()]);
  });
  return { asking, answering };
}

test("a consume goes to its key's subject, with its deadline, and is read exactly", async (t) => {
  const parts = await connections(t);
  if (!parts) {
    t.pass();
    return;
  }
  const heard = answer(parts.answering, [{ status: 200, success: true, daily_used: 500 }]);
  await parts.answering.flush();
  const before = Date.now();

  const result = await natsQuotaClient({ connection: parts.asking }).consume(order);

  t.like(result, { kind: "ok", reply: { success: true, daily_used: 500n } });
  t.like(heard[0], {
    subject: askSubject("consume", "m-1", "USD"),
    body: { order_no: "O-1", amount: 500 },
  });
  t.deepEqual(Object.keys(heard[0]?.body ?? {}).sort(), ["amount", "order_no"]);
  t.true((heard[0]?.deadline ?? 0) > before);
});

test("a refusal is a value; what was not decided is asked again with the same number", async (t) => {
  const parts = await connections(t);
  if (!parts) {
    t.pass();
    return;
  }
  const heard = answer(parts.answering, [
    { status: 503, code: "SHARD_UNAVAILABLE", message: "moving" },
    { status: 504, code: "OUTCOME_UNKNOWN", message: "cut" },
    {
      status: 429,
      code: "DAILY_LIMIT_EXCEEDED",
      message: "no",
      limit: 9007199254740993n.toString(),
    },
  ]);
  await parts.answering.flush();

  const result = await natsQuotaClient({ connection: parts.asking }).consume(order);

  t.like(result, { kind: "refused", code: "DAILY_LIMIT_EXCEEDED" });
  t.deepEqual(new Set(heard.map(({ body }) => JSON.stringify(body))).size, 1);
  t.is(heard.length, 3);
});

test("where nobody answers, nothing happened; a name that is none is not sent", async (t) => {
  const parts = await connections(t);
  if (!parts) {
    t.pass();
    return;
  }
  // Repeated at once, three times, and then no more: so that no try has little time on a busy machine.
  const waits = [0, 0, 0];
  const client = natsQuotaClient(
    { connection: parts.asking, deadlineMs: 20_000, tryMs: 20_000 },
    { timer: processTimer, random: () => waits.shift() ?? Infinity },
  );

  const nobody = await t.throwsAsync(client.consume(order), { instanceOf: QuotaFault });
  t.is(nobody.code, "SHARD_UNAVAILABLE", nobody.message);
  t.regex(nobody.message, /tried 4 times/);

  const wild = await t.throwsAsync(client.get({ merchant_id: "*", currency: "USD" }), {
    instanceOf: QuotaFault,
  });
  t.is(wild.code, "INVALID_REQUEST");
});
