import anyTest, { type ExecutionContext, type TestFn } from "ava";

import type { Database } from "../../src/platform/database.ts";
import { applyMigrations } from "../../src/platform/migrations.ts";
import { openPostgres } from "../../src/platform/postgres.ts";
import { bearer, testApp } from "../support/edge-app.ts";
import { until } from "../support/node-clock.ts";
import { type Harness, harness, killAll } from "../support/node-harness.ts";
import { consume, key } from "../support/quota-builders.ts";
import { execute, type PostgresAddress } from "../support/services-address.ts";
import { type RealReplica, realReplica } from "../support/services-replica.ts";
import { type RealPostgres, realPostgres } from "../support/services.ts";

interface Served {
  readonly primary: RealPostgres;
  readonly replica: RealReplica;
  readonly address: PostgresAddress;
  readonly database: Database;
  readonly node: Harness;
}

const test = anyTest.serial as TestFn<Served | undefined>;
const statementTimeoutMs = 10_000;
const log = { info: () => undefined, warn: () => undefined };

test.before(async (t) => {
  t.context = undefined;
  const primary = await realPostgres({ own: true });
  if ("skipped" in primary) return;
  const replica = await realReplica(primary);
  if ("skipped" in replica) {
    await primary.stop();
    return;
  }
  const address = await primary.newDatabase();
  const { host } = replica;
  const served = { host, port: address.port, log };
  const database = openPostgres({ ...address, statementTimeoutMs, replica: served });
  await applyMigrations(database);
  const node = harness(database);
  await node.node.start();
  t.context = { primary, replica, address, database, node };
});

test.after.always(async (t) => {
  killAll();
  await t.context?.database.close();
  await t.context?.replica.stop();
  await t.context?.primary.stop();
});

/** What a merchant's reader is told, and how the replica is treated. */
interface Scene {
  readonly served: Served;
  readonly get: (path: string) => Promise<{ readonly status: number; readonly body: Body }>;
  readonly toReplica: (text: string) => Promise<void>;
}

interface Body {
  readonly items?: readonly Record<string, unknown>[];
  readonly errors?: readonly object[];
}

/** Runs with a replica that is read and has all; a missing one was said loudly. */
function onReplica(
  title: string,
  body: (t: ExecutionContext<Served | undefined>, scene: Scene) => Promise<void>,
): void {
  test(title, async (t) => {
    const served = t.context;
    if (served === undefined) {
      t.pass();
      return;
    }
    const { database, node, address, replica } = served;
    await until("the replica is read", () => database.listings.replica?.trouble === null);
    const { app } = testApp({ database, ask: (request) => node.ask(request) });
    const toReplica = (text: string) => execute({ ...address, host: replica.host }, text);
    const get: Scene["get"] = async (path) => {
      const reply = await app.inject({ url: path, headers: bearer() });
      return { status: reply.statusCode, body: reply.json<Body>() };
    };
    await body(t, { served, get, toReplica });
  });
}

const logs = "/api/v1/usage-logs/merchant/M-1";
const quotas = "/api/v1/quotas/merchant/M-1";

onReplica(
  "who sends back the version finds the change, though the replica stands still",
  async (t, { served, get, toReplica }) => {
    const { ask } = served.node;
    const ordersOf = async (query = ""): Promise<unknown> =>
      (await get(`${logs}${query}`)).body.items?.map((item) => item["order_no"]);
    const currenciesOf = async (query = ""): Promise<unknown> =>
      (await get(`${quotas}${query}`)).body.items?.map((item) => item["currency"]);
    await ask(consume("A-1", 5n));
    await until("the replica has it", async () => (await get(logs)).body.items?.length === 1);
    await toReplica(pauseText);
    t.teardown(() => toReplica("select pg_wal_replay_resume()"));

    await ask(consume("A-2", 5n));
    await ask({ ...consume("A-3", 5n), key: key("M-1", "EUR") });

    t.deepEqual(await ordersOf(), ["A-1"], "the replica is late");
    t.deepEqual(await ordersOf("?min_version=USD:1"), ["A-1"], "and is late enough for this");
    t.deepEqual(await ordersOf("?min_version=USD:2&currency=USD"), ["A-2", "A-1"]);
    t.deepEqual(await ordersOf("?min_version=USD:1,EUR:1"), ["A-3", "A-2", "A-1"]);
    t.deepEqual(await currenciesOf(), ["USD"]);
    t.deepEqual(await currenciesOf("?min_version=EUR:1"), ["EUR", "USD"]);
    for (const path of [logs, quotas]) {
      const { status, body } = await get(`${path}?min_version=USD:3`);
      t.is(status, 400, "nobody was ever given this version");
      t.like(body.errors, [{ field: "min_version" }]);
    }
    await toReplica("select pg_wal_replay_resume()");
    await until("the replica has all", async () => (await get(logs)).body.items?.length === 3);
  },
);

onReplica("a replica that is gone is not missed, and is read when it is back", async (t, scene) => {
  const { served, get } = scene;
  const { database, replica } = served;

  await replica.kill();
  const atOnce = await get(quotas);
  await until("it is seen to be away", () => database.listings.replica?.trouble !== null);
  const later = await get(quotas);
  await replica.restart();
  await until("it is read again", () => database.listings.replica?.trouble === null);

  t.deepEqual([atOnce.status, later.status], [200, 200]);
  t.is((await get(quotas)).status, 200);
});

const pauseText = `
  select pg_wal_replay_pause();
  do $$
  begin
    while pg_get_wal_replay_pause_state() <> 'paused' loop perform pg_sleep(0.01); end loop;
  end
  $$;`;
