import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import anyTest, { type TestFn } from "ava";

import { alertTargets } from "../../shards/outbox/targets.ts";
import { createPost } from "../../src/clients/post.ts";
import { systemClock } from "../../src/platform/clock.ts";
import type { Database } from "../../src/platform/database.ts";
import { applyMigrations } from "../../src/platform/migrations.ts";
import { Nats } from "../../src/platform/nats.ts";
import { inMemory, openPglite } from "../../src/platform/pglite.ts";
import { eventStream } from "../../src/wire/subject.ts";
import { alertId } from "../support/alert-event.ts";
import { raise } from "../support/alert-rows.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { until } from "../support/node-clock.ts";
import { logInto } from "../support/node-harness.ts";
import { deliveriesOf, outboxHarness } from "../support/outbox-harness.ts";
import { type RealNats, realNats } from "../support/services-nats.ts";

/** Its servers are killed, so it has its own; null = there is none on this machine, which was said. */
interface Parts {
  readonly database: Database;
  readonly server: RealNats | null;
}

const test = anyTest.serial as TestFn<Parts>;
const startMaxMs = 30_000;

test.before(async (t) => {
  const server = await realNats({ own: true });
  const database = await openPglite({ folder: inMemory });
  await applyMigrations(database);
  t.context = { database, server: "skipped" in server ? null : server };
});
test.after.always(async (t) => {
  await t.context.database.close();
  await t.context.server?.stop();
});

function natsAt(server: RealNats, said: string[] = []): Nats {
  const options = { servers: [server.url], name: "test", clock: systemClock, log: logInto(said) };
  return new Nats(options);
}

interface Kept {
  readonly subject: string;
  readonly id: string;
  readonly body: unknown;
}

/** All that the stream holds, as a consumer finds it. */
async function keptBy(server: RealNats): Promise<readonly Kept[]> {
  const connection = await connect({ servers: server.url.replace("nats://", "") });
  try {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(eventStream.name);
    const stream = await jetstream(connection).streams.get(eventStream.name);
    const kept: Kept[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
      const message = await stream.getMessage({ seq });
      if (!message) continue;
      const id = message.header.get("Nats-Msg-Id");
      kept.push({ subject: message.subject, id, body: message.json() });
    }
    return kept;
  } finally {
    await connection.close();
  }
}

test("alerts raised while NATS is away arrive when it is back: late, in order, once each", async (t) => {
  const { database, server } = t.context;
  if (!server) {
    t.pass();
    return;
  }
  await server.kill();
  const said: string[] = [];
  const nats = natsAt(server, said);
  const clock = fakeClock();
  const post = createPost(clock);
  const targets = alertTargets({ nats, webhooks: null, notificationUrl: null, post, clock });
  const { outbox, pass, passUntil, results } = outboxHarness(database, targets, clock);
  const delivered = (): number => results.filter((result) => result === "delivered").length;

  await raise(database, 1, 3);
  await pass();
  t.like((await deliveriesOf(database))[0], {
    target: "nats",
    state: "pending",
    last_error: "NATS is not connected",
  });
  await server.restart();
  await until("it is connected", () => nats.connected, startMaxMs);
  await passUntil("what was raised before has arrived", () => delivered() === 3);

  await server.kill();
  await until("the loss is seen", () => !nats.connected);
  await raise(database, 4, 5);
  await pass();
  t.is(delivered(), 3);
  await server.restart();
  await until("it is connected again", () => nats.connected, startMaxMs);
  await passUntil("the rest has arrived", () => delivered() === 5);
  await outbox.stop();

  const kept = await keptBy(server);
  t.deepEqual(
    kept.map(({ id }) => id),
    [1, 2, 3, 4, 5].map(alertId),
  );
  t.is(kept[0]?.subject, "quota.events.alert.warning.M-1.USD");
  t.like(kept[4]?.body, { v: 1, id: alertId(5), merchant_id: "M-1", period: "2026-11-22" });
  t.is(said.filter((text) => text.includes("is away")).length, 1, "said once, not each second");
  await Promise.all([nats.close(), post.close()]);
});

test("an event that is sent again is kept once", async (t) => {
  const { server } = t.context;
  if (!server) {
    t.pass();
    return;
  }
  const [one, two] = [natsAt(server), natsAt(server)];
  await until("both are connected", () => one.connected && two.connected, startMaxMs);
  const before = (await keptBy(server)).length;
  const event = { subject: "quota.events.alert.critical.M-2.USD", id: "again", text: "{}" };

  await one.publish(event);
  await two.publish(event);

  const kept = await keptBy(server);
  t.is(kept.length - before, 1);
  await Promise.all([one.close(), two.close()]);
});

test("a stream that somebody has deleted is made again", async (t) => {
  const { server } = t.context;
  if (!server) {
    t.pass();
    return;
  }
  const nats = natsAt(server);
  await until("it is connected", () => nats.connected, startMaxMs);
  const publish = (id: string): Promise<void> =>
    nats.publish({ subject: "quota.events.alert.critical.M-3.USD", id, text: "{}" });
  await publish("before");
  const connection = await connect({ servers: server.url.replace("nats://", "") });
  const manager = await jetstreamManager(connection);
  await manager.streams.delete(eventStream.name);
  await connection.close();

  await t.throwsAsync(publish("lost"), { message: /did not store/ });
  await publish("lost");

  t.deepEqual(
    (await keptBy(server)).map(({ id }) => id),
    ["lost"],
  );
  await nats.close();
});

test("closing while NATS is away ends at once, and nothing can be sent after it", async (t) => {
  const { server } = t.context;
  if (!server) {
    t.pass();
    return;
  }
  const nats = natsAt(server);
  await until("it is connected", () => nats.connected, startMaxMs);
  await server.kill();
  await until("the loss is seen", () => !nats.connected);

  await nats.close();

  await t.throwsAsync(nats.publish({ subject: "quota.events.x", id: "x", text: "{}" }), {
    message: "NATS is not connected",
  });
  await server.restart();
});
