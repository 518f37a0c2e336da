import test from "ava";
import { Redis } from "ioredis";

import type { JobLock } from "../../src/platform/lock.ts";
import { postgresLock } from "../../src/platform/lock-postgres.ts";
import { redisLock } from "../../src/platform/lock-redis.ts";
import { inMemory, openPglite } from "../../src/platform/pglite.ts";
import { openPostgres } from "../../src/platform/postgres.ts";
import { Gate, until } from "../support/node-clock.ts";
import { existing } from "../support/quota-builders.ts";
import { realPostgres } from "../support/services.ts";
import { realRedis } from "../support/services-redis.ts";

/** Two nodes that may hold the same locks, and what there is to tidy up. */
interface Pair {
  readonly first: JobLock;
  readonly second: JobLock;
  readonly close: () => Promise<void>;
}

const statementTimeoutMs = 20_000;
const commandTimeout = 2_000;

/** For a lock that must not be asked. */
const noLock: JobLock = {
  hold: () => Promise.reject(new Error("the other lock was asked")),
};

/** One process: the embedded Postgres has no other. */
async function onPglite(): Promise<Pair> {
  const database = await openPglite({ folder: inMemory });
  const lock = postgresLock(database.session("jobs"));
  return { first: lock, second: lock, close: () => database.close() };
}

async function onPostgres(): Promise<Pair | null> {
  const server = await realPostgres();
  if ("skipped" in server) return null;
  const address = await server.newDatabase();
  const nodes = [1, 2].map(() => openPostgres({ ...address, statementTimeoutMs }));
  const [first = noLock, second = noLock] = nodes.map((node) => postgresLock(node.session("jobs")));
  return {
    first,
    second,
    close: async () => {
      await Promise.all(nodes.map((node) => node.close()));
      await server.stop();
    },
  };
}

async function onRedis(): Promise<Pair | null> {
  const server = await realRedis();
  if ("skipped" in server) return null;
  const clients = [1, 2].map(() => new Redis(server.url, { commandTimeout }));
  await until("both are connected", () => clients.every(({ status }) => status === "ready"));
  const [first = noLock, second = noLock] = clients.map((client) => redisLock(client, noLock));
  return {
    first,
    second,
    close: async () => {
      for (const client of clients) client.disconnect();
      await server.stop();
    },
  };
}

const kinds = { pglite: onPglite, postgres: onPostgres, redis: onRedis };

for (const [kind, open] of Object.entries(kinds)) {
  test.serial(
    `${kind}: a job that one node is at is run by no other, and by any when it has ended`,
    async (t) => {
      const pair = await open();
      if (pair === null) {
        t.pass();
        return;
      }
      const { first, second, close } = pair;
      const gate = new Gate();
      const begun = new Gate();
      const ran: string[] = [];
      const noted = (name: string) => (): Promise<void> => {
        ran.push(name);
        return Promise.resolve();
      };

      const holding = first.hold("sweep", async (lost) => {
        begun.open();
        await gate.opened;
        t.false(lost.aborted);
      });
      await begun.opened;
      t.false(await second.hold("sweep", noted("second")));
      t.false(await first.hold("sweep", noted("first, again")));
      t.true(await second.hold("scan", noted("another job")));
      gate.open();
      t.true(await holding);
      t.true(await second.hold("sweep", noted("second, later")));
      t.true(await first.hold("sweep", noted("first, later")));

      t.deepEqual(ran, ["another job", "second, later", "first, later"]);
      await close();
    },
  );

  test.serial(`${kind}: a job that fails says why, and gives its lock back`, async (t) => {
    const pair = await open();
    if (pair === null) {
      t.pass();
      return;
    }
    const { first, second, close } = pair;

    await t.throwsAsync(
      first.hold("sweep", () => Promise.reject(new Error("the disk is full"))),
      { message: "the disk is full" },
    );

    t.true(await second.hold("sweep", () => Promise.resolve()));
    await close();
  });
}

test.serial("the lock of a node that is gone is free at once", async (t) => {
  const server = await realPostgres();
  if ("skipped" in server) {
    t.pass();
    return;
  }
  const address = await server.newDatabase();
  const [gone, living] = [1, 2].map(() => openPostgres({ ...address, statementTimeoutMs }));
  const begun = new Gate();
  const end = new Gate();
  const holding = postgresLock(existing(gone).session("jobs")).hold("sweep", async () => {
    begun.open();
    await end.opened;
  });
  await begun.opened;
  const lock = postgresLock(existing(living).session("jobs"));
  t.false(await lock.hold("sweep", () => Promise.resolve()));

  await existing(gone).close();

  t.true(await lock.hold("sweep", () => Promise.resolve()));
  end.open();
  t.true(await holding);
  await existing(living).close();
  await server.stop();
});

test.serial(
  "jobs go on under Postgres' locks while Redis is away, and under Redis' when it is back",
  async (t) => {
    const server = await realRedis({ own: true });
    if ("skipped" in server) {
      t.pass();
      return;
    }
    const asked: string[] = [];
    const otherwise: JobLock = {
      hold: async (name, run) => {
        asked.push(name);
        await run(new AbortController().signal);
        return true;
      },
    };
    const client = new Redis(server.url, {
      commandTimeout,
      enableOfflineQueue: false,
      retryStrategy: () => 50,
    });
    client.on("error", () => undefined);
    await until("it is connected", () => client.status === "ready");
    const lock = redisLock(client, otherwise);
    let runs = 0;
    const run = (): Promise<void> => {
      runs += 1;
      return Promise.resolve();
    };

    t.true(await lock.hold("sweep", run));
    t.deepEqual(asked, []);
    await server.kill();
    t.true(await lock.hold("sweep", run));
    t.deepEqual(asked, ["sweep"]);
    await server.restart();
    await until("it is connected again", () => client.status === "ready");
    t.true(await lock.hold("sweep", run));

    t.deepEqual(asked, ["sweep"]);
    t.is(runs, 3);
    client.disconnect();
    await server.stop();
  },
);

test.serial("a job that ended is done, also when Redis went away under it", async (t) => {
  const server = await realRedis({ own: true });
  if ("skipped" in server) {
    t.pass();
    return;
  }
  const client = new Redis(server.url, { commandTimeout, enableOfflineQueue: false });
  client.on("error", () => undefined);
  await until("it is connected", () => client.status === "ready");

  t.true(await redisLock(client, noLock).hold("sweep", () => server.kill()));

  client.disconnect();
  await server.stop();
});
