import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import anyTest, { type ExecutionContext, type TestFn } from "ava";

import type { Database } from "../../src/platform/database.ts";
import { applyMigrations } from "../../src/platform/migrations.ts";
import { openPostgres } from "../../src/platform/postgres.ts";
import { codeOf, selectOne, statementOf as sql } from "../support/database-question.ts";
import { until } from "../support/node-clock.ts";
import { type RealPostgres, realPostgres } from "../support/services.ts";

interface Served {
  readonly server: RealPostgres;
  readonly postgres: Database;
}

const test = anyTest.serial as TestFn<Served | undefined>;
const statementTimeoutMs = 2_000;

test.before(async (t) => {
  t.context = undefined;
  const server = await realPostgres({ own: true });
  if ("skipped" in server) return;
  const address = await server.newDatabase();
  t.context = { server, postgres: openPostgres({ ...address, statementTimeoutMs }) };
});

test.after.always(async (t) => {
  await t.context?.postgres.close();
  await t.context?.server.stop();
});

/** Runs against a server that is there; a missing one was said loudly when it was looked for. */
function onServer(
  title: string,
  body: (t: ExecutionContext<Served | undefined>, served: Served) => Promise<void>,
): void {
  test(title, async (t) => {
    if (t.context === undefined) t.pass();
    else await body(t, t.context);
  });
}

onServer(
  "two nodes that migrate together apply each migration once",
  async (t, { postgres: database }) => {
    const folder = mkdtempSync(join(tmpdir(), "quota-migrations-"));
    t.teardown(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    writeFileSync(
      join(folder, "0001_slow.sql"),
      "create table slow (a int8); select pg_sleep(0.3);",
    );

    const applied = await Promise.all([
      applyMigrations(database, folder),
      applyMigrations(database, folder),
    ]);

    t.deepEqual(applied.map((names) => names.length).sort(), [0, 1]);
  },
);

onServer(
  "a killed backend leaves the outcome unknown, and the next statement connects again",
  async (t, { postgres: database }) => {
    const session = database.session("commit");
    const [row] = await session.run(sql("select pg_backend_pid() as pid"));
    const sleep = codeOf(session.run(sql("select pg_sleep(60)")));
    const asleep = sql("select 1 from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'");
    await until("it is under way", async () => {
      return (await database.reads.run(asleep, [row?.["pid"]])).length === 1;
    });

    await database.reads.run(sql("select pg_terminate_backend($1)"), [row?.["pid"]]);

    t.is(await sleep, "OUTCOME_UNKNOWN");
    t.deepEqual(await session.run(selectOne), [{ one: 1 }]);
  },
);

onServer(
  "a statement whose columns have become others is refused, and not read by those it had",
  async (t, { postgres: database }) => {
    const session = database.session("commit");
    await session.run(sql("create table widened (a int8)"));
    await session.run(sql("insert into widened values (1)"));
    const all = sql("select * from widened");
    t.deepEqual(await session.run(all), [{ a: 1n }]);
    t.deepEqual(await session.run(all), [{ a: 1n }]);

    await session.run(sql("alter table widened add column b text"));

    t.is(await codeOf(session.run(all)), "INTERNAL");
    t.deepEqual(await session.run(selectOne), [{ one: 1 }]);
  },
);

onServer(
  "an idle backend's death does not crash the process",
  async (t, { postgres: database }) => {
    const session = database.session("lease");
    await session.run(selectOne);
    const others = "from pg_stat_activity where pid <> pg_backend_pid() and usename is not null";
    const killer = database.session("commit");

    await killer.run(sql(`select pg_terminate_backend(pid) ${others}`));
    await until("they are gone", async () => {
      return (await killer.run(sql(`select 1 ${others}`))).length === 0;
    });
    // Their ends have been sent by now, and are read before this timer.
    await new Promise((resolve) => setTimeout(resolve, 100));

    t.deepEqual(await session.run(selectOne), [{ one: 1 }]);
    t.deepEqual(await database.reads.run(selectOne), [{ one: 1 }]);
  },
);

onServer(
  "a statement without an answer in time has an unknown outcome",
  async (t, { postgres: database }) => {
    const session = database.session("commit");
    const before = performance.now();

    const slow = codeOf(session.run(sql("select pg_sleep(60)")));
    const behind = codeOf(session.run(selectOne));

    t.is(await slow, "OUTCOME_UNKNOWN");
    t.is(await behind, "SHARD_UNAVAILABLE", "it waited and was never sent");
    t.true(performance.now() - before < 60_000, "nobody waited for the statement's own end");
    t.deepEqual(await session.run(selectOne), [{ one: 1 }]);
    t.is(await codeOf(database.reads.run(sql("select pg_sleep(61)"))), "SHARD_UNAVAILABLE");
    t.deepEqual(await database.reads.run(selectOne), [{ one: 1 }]);
  },
);

onServer(
  "a stopped server is unavailable, and works again after its restart",
  async (t, { postgres: database, server }) => {
    const session = database.session("commit");
    await session.run(selectOne);
    await server.kill();
    await new Promise((resolve) => setTimeout(resolve, 100));

    t.is(await codeOf(session.run(selectOne)), "SHARD_UNAVAILABLE");
    t.is(await codeOf(database.reads.run(selectOne)), "SHARD_UNAVAILABLE");
    t.is(await codeOf(database.transaction((each) => each.run(selectOne))), "SHARD_UNAVAILABLE");

    await server.restart();
    t.deepEqual(await session.run(selectOne), [{ one: 1 }]);
    t.deepEqual(await database.reads.run(selectOne), [{ one: 1 }]);
  },
);
