import { createConnection } from "node:net";

import { connect } from "@nats-io/transport-node";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import test from "ava";
import { Redis } from "ioredis";

import { asked } from "../support/legacy-database.ts";
import { type PostgresAddress, realPostgres } from "../support/services.ts";
import { realNats } from "../support/services-nats.ts";
import { realRedis } from "../support/services-redis.ts";

test("a NATS that was killed comes back with its streams", async (t) => {
  const server = await realNats({ own: true });
  if ("skipped" in server) {
    t.pass();
    return;
  }
  t.teardown(() => server.stop());
  const before = await connect({ servers: server.url });
  await (await jetstreamManager(before)).streams.add({ name: "KEPT", subjects: ["kept.>"] });
  await jetstream(before).publish("kept.one", "1");
  await server.kill();
  await before.close();

  await server.restart();

  const after = await connect({ servers: server.url });
  const { state } = await (await jetstreamManager(after)).streams.info("KEPT");
  await after.close();
  t.is(state.messages, 1);
});

test("a Redis that was killed comes back with what was saved, at the same address", async (t) => {
  const server = await realRedis({ own: true });
  if ("skipped" in server) {
    t.pass();
    return;
  }
  t.teardown(() => server.stop());
  const redis = new Redis(server.url, { lazyConnect: true });
  redis.on("error", () => undefined);
  t.teardown(() => {
    redis.disconnect();
  });
  await redis.set("saved", "1");
  await redis.save();
  await redis.set("unsaved", "1");
  await server.kill();
  t.false(await takesConnections(server));

  await server.restart();

  t.deepEqual(await redis.mget("saved", "unsaved"), ["1", null]);
});

test("a database with the schema is another one each time, empty, and gone with who asked", async (t) => {
  const [server, beside] = [await realPostgres(), await realPostgres()];
  if ("skipped" in server || "skipped" in beside) {
    t.pass();
    return;
  }
  t.teardown(() => Promise.all([server.stop(), beside.stop()]));
  const [one, other] = [await server.migratedDatabase(), await beside.migratedDatabase()];
  await valueIn(one, "insert into writers (node) values ('node-a') returning 1");

  t.is(await valueIn(one, "select count(*)::int from writers"), 1);
  t.is(await valueIn(other, "select count(*)::int from writers"), 0);
  const copy = await server.newDatabase(one);
  t.is(await valueIn(copy, "select count(*)::int from writers"), 1);

  await server.stop();
  await t.throwsAsync(valueIn(one, "select 1"));
  t.is(await valueIn(other, "select 1"), 1);
});

async function valueIn(address: PostgresAddress, text: string): Promise<unknown> {
  const { rows } = await asked(address, (client) =>
    client.query<unknown[]>({ text, rowMode: "array" }),
  );
  return rows[0]?.[0];
}

function takesConnections({ host, port }: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, host);
    const tell = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", tell(true));
    socket.once("error", tell(false));
  });
}
