import { spawn } from "node:child_process";
import { once } from "node:events";
import { fdatasyncSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import anyTest, { type ExecutionContext, type TestFn } from "ava";

import type { Database, Statement } from "../../src/platform/database.ts";
import { applyMigrations } from "../../src/platform/migrations.ts";
import { openPglite } from "../../src/platform/pglite.ts";
import { openPostgres } from "../../src/platform/postgres.ts";
import { Fault, type FaultCode } from "../../src/wire/fault.ts";
import { type RealPostgres, realPostgres } from "../support/services.ts";

interface Databases {
  readonly folder: string;
  readonly pglite: Database;
  readonly server: RealPostgres | undefined;
  readonly postgres: Database | undefined;
}

const test = anyTest.serial as TestFn<Databases>;
const kinds = ["pglite", "postgres"] as const;
const statementTimeoutMs = 2_000;

test.before(async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "quota-database-"));
  t.context = {
    folder,
    pglite: await openPglite({ folder: join(folder, "pglite") }),
    server: undefined,
    postgres: undefined,
  };
  const server = await realPostgres({ own: true });
  if ("skipped" in server) return;
  const address = await server.newDatabase();
  t.context = { ...t.context, server, postgres: openPostgres({ ...address, statementTimeoutMs }) };
});

test.after.always(async (t) => {
  await t.context.postgres?.close();
  await t.context.server?.stop();
  await t.context.pglite.close();
  rmSync(t.context.folder, { recursive: true, force: true });
});

function sql(text: string): Statement {
  return { name: text.slice(0, 60), text };
}

const selectOne = sql("select 1 as one");

async function codeOf(promise: Promise<unknown>): Promise<FaultCode | "none"> {
  try {
    await promise;
    return "none";
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
}

/** Runs against a kind of database that is there; one that is not was said loudly when the services were looked for. */
function contract(
  title: string,
  body: (t: ExecutionContext<Databases>, database: Database) => Promise<void>,
): void {
  for (const kind of kinds) {
    test(`${kind}: ${title}`, async (t) => {
      const database = t.context[kind];
      if (database === undefined) t.pass();
      else await body(t, database);
    });
  }
}

function onServer(
  title: string,
  body: (t: ExecutionContext<Databases>, database: Database, server: RealPostgres) => Promise<void>,
): void {
  test(`postgres: ${title}`, async (t) => {
    const { postgres, server } = t.context;
    if (postgres === undefined || server === undefined) t.pass();
    else await body(t, postgres, server);
  });
}

contract("amounts beyond 2^53 come back exact", async (t, database) => {
  const rows = await database.reads.run(sql("select $1::int8 as one, $2::int8[] as many"), [
    9_007_199_254_740_993n,
    [1n, -9_223_372_036_854_775_808n, null],
  ]);

  t.deepEqual(rows, [
    { one: 9_007_199_254_740_993n, many: [1n, -9_223_372_036_854_775_808n, null] },
  ]);
});

contract(
  "texts with quotes, braces, commas and backslashes survive an array",
  async (t, database) => {
    const texts = ['say "hi"', "{a,b}", "back\\slash", "", "NULL", "商户", null];

    const rows = await database.session("commit").run(sql("select $1::text[] as texts"), [texts]);

    t.deepEqual(rows, [{ texts }]);
  },
);

contract("json, moments, booleans and missing values keep their meaning", async (t, database) => {
  const at = new Date("2026-11-22T00:00:01.250Z");

  const rows = await database.reads.run(
    sql(
      "select $1::json as j, $2::timestamptz as at, $3::bool as b, $4::text as missing, 2::int4 as n",
    ),
    ['{"amount":"1"}', at, false, null],
  );

  t.deepEqual(rows, [{ j: { amount: "1" }, at, b: false, missing: null, n: 2 }]);
});

contract(
  "a statement that Postgres rejects is a bug, and the next one works",
  async (t, database) => {
    const session = database.session("commit");
    await session.run(sql("create table if not exists unique_amounts (a int8 primary key)"));
    await session.run(sql("insert into unique_amounts values ($1)"), [1n]);

    t.is(
      await codeOf(session.run(sql("insert into unique_amounts values ($1)"), [1n])),
      "INTERNAL",
    );
    t.is(await codeOf(session.run(sql("select nothing from nowhere"))), "INTERNAL");
    t.deepEqual(await session.run(selectOne), [{ one: 1 }]);
  },
);

contract("a full disk is said to have done nothing", async (t, database) => {
  const raise = sql("do $$ begin raise exception 'full' using errcode = '53100'; end $$");

  t.is(await codeOf(database.session("commit").run(raise)), "SHARD_UNAVAILABLE");
});

contract("overlapping statements run in the order of the calls", async (t, database) => {
  const session = database.session("checkpoint");
  await session.run(
    sql("create table if not exists turns (place int8 generated always as identity, n int8)"),
  );
  const insert = sql("insert into turns (n) values ($1)");

  await Promise.all(Array.from({ length: 300 }, (_, n) => session.run(insert, [n])));

  const rows = await session.run(sql("select array_agg(n order by place) as n from turns"));
  t.deepEqual(
    rows[0]?.["n"],
    Array.from({ length: 300 }, (_, n) => BigInt(n)),
  );
});

contract("a statement that fails does not take those behind it along", async (t, database) => {
  const session = database.session("commit");
  const divide = sql("select 100 / $1::int4 as n");

  const codes = await Promise.all([0, 5, 0, 4].map((by) => codeOf(session.run(divide, [by]))));

  t.deepEqual(codes, ["INTERNAL", "none", "INTERNAL", "none"]);
});

contract("what a transaction wrote is gone when its body fails", async (t, database) => {
  await database.reads.run(sql("create table if not exists kept (a int8)"));
  const insert = sql("insert into kept values ($1)");

  await t.throwsAsync(
    database.transaction(async (session) => {
      await session.run(insert, [1n]);
      throw new Error("the body gives up");
    }),
    { message: "the body gives up" },
  );
  await database.transaction((session) => session.run(insert, [2n]));

  t.deepEqual(await database.reads.run(sql("select a from kept")), [{ a: 2n }]);
});

contract(
  "a transaction that hides a failed statement is not taken for committed",
  async (t, database) => {
    await database.reads.run(sql("create table if not exists hidden (a int8)"));

    const code = await codeOf(
      database.transaction(async (session) => {
        await session.run(sql("insert into hidden values (1)"));
        await codeOf(session.run(sql("select 1 / 0 as n")));
      }),
    );

    t.is(code, "INTERNAL");
    t.deepEqual(await database.reads.run(sql("select a from hidden")), []);
  },
);

contract("migrations run once, and a changed one is refused", async (t, database) => {
  const folder = mkdtempSync(join(t.context.folder, "migrations-"));
  writeFileSync(
    join(folder, "0001_first.sql"),
    "create table m1 (a int8);\ncreate table m2 (a int8);\n",
  );
  writeFileSync(
    join(folder, "0002_second.sql"),
    "alter table m1 add column b int8 -- no semicolon",
  );

  t.deepEqual(await applyMigrations(database, folder), ["0001_first.sql", "0002_second.sql"]);
  t.deepEqual(await applyMigrations(database, folder), []);

  writeFileSync(join(folder, "0003_broken.sql"), "create table m3 (a int8); select 1 / 0;");
  t.is(await codeOf(applyMigrations(database, folder)), "INTERNAL");
  t.deepEqual(await database.reads.run(sql("select to_regclass('m3') as m3")), [{ m3: null }]);

  rmSync(join(folder, "0003_broken.sql"));
  writeFileSync(join(folder, "0002_second.sql"), "alter table m1 add column c int8");
  await t.throwsAsync(applyMigrations(database, folder), {
    message: /0002_second.sql was changed/,
  });

  rmSync(join(folder, "0002_second.sql"));
  await t.throwsAsync(applyMigrations(database, folder), { message: /newer than this program/ });
  await database.reads.run(sql("drop table schema_migrations, m1, m2"));
});

onServer("two nodes that migrate together apply each migration once", async (t, database) => {
  const folder = mkdtempSync(join(t.context.folder, "migrations-"));
  writeFileSync(join(folder, "0001_slow.sql"), "create table slow (a int8); select pg_sleep(0.3);");

  const applied = await Promise.all([
    applyMigrations(database, folder),
    applyMigrations(database, folder),
  ]);

  t.deepEqual(applied.map((names) => names.length).sort(), [0, 1]);
});

onServer(
  "a killed backend leaves the outcome unknown, and the next statement connects again",
  async (t, database) => {
    const session = database.session("commit");
    const [row] = await session.run(sql("select pg_backend_pid() as pid"));
    const sleep = codeOf(session.run(sql("select pg_sleep(1)")));
    await database.reads.run(sql("select pg_sleep(0.1)"));

    await database.reads.run(sql("select pg_terminate_backend($1)"), [row?.["pid"]]);

    t.is(await sleep, "OUTCOME_UNKNOWN");
    t.deepEqual(await session.run(selectOne), [{ one: 1 }]);
  },
);

onServer("an idle backend's death does not crash the process", async (t, database) => {
  const session = database.session("lease");
  await session.run(selectOne);
  const killOthers = sql(
    "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename is not null",
  );

  await database.session("commit").run(killOthers);
  await new Promise((resolve) => setTimeout(resolve, 100));

  t.deepEqual(await session.run(selectOne), [{ one: 1 }]);
  t.deepEqual(await database.reads.run(selectOne), [{ one: 1 }]);
});

onServer("a statement without an answer in time has an unknown outcome", async (t, database) => {
  const session = database.session("commit");
  const before = performance.now();

  const slow = codeOf(session.run(sql("select pg_sleep(60)")));
  const behind = codeOf(session.run(selectOne));

  t.is(await slow, "OUTCOME_UNKNOWN");
  t.is(await behind, "SHARD_UNAVAILABLE", "it waited and was never sent");
  t.true(performance.now() - before < statementTimeoutMs + 1_000);
  t.deepEqual(await session.run(selectOne), [{ one: 1 }]);
  t.is(await codeOf(database.reads.run(sql("select pg_sleep(61)"))), "OUTCOME_UNKNOWN");
  t.deepEqual(await database.reads.run(selectOne), [{ one: 1 }]);
});

onServer(
  "a stopped server is unavailable, and works again after its restart",
  async (t, database, server) => {
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

test("pglite: a commit is synced to the disk, and the start says so", (t) => {
  t.regex(t.context.pglite.durability, /[1-9][0-9]* fdatasync at a commit/);
});

test("pglite: a commit whose sync fails has an unknown outcome, and the database opens again when the disk is well", async (t) => {
  const folder = join(t.context.folder, "dying");
  let failing = false;
  let fatal: Fault | undefined;
  const database = await openPglite({
    folder,
    onFatal: (fault) => {
      fatal = fault;
    },
    syncFile: (fileDescriptor) => {
      if (failing) throw new Error("the disk is broken");
      fdatasyncSync(fileDescriptor);
    },
  });
  const session = database.session("commit");
  await session.run(sql("create table kept (a int8)"));
  const insert = sql("insert into kept values ($1)");
  await session.run(insert, [1n]);

  failing = true;
  t.is(await codeOf(session.run(insert, [2n])), "OUTCOME_UNKNOWN");
  t.not(await codeOf(session.run(insert, [3n])), "none", "it cannot be opened on a broken disk");
  failing = false;

  t.deepEqual(await session.run(sql("select a from kept where a = 1")), [{ a: 1n }]);
  t.truthy(fatal);
  await database.close();
});

test("pglite: the log on disk stays bounded though there is no checkpointer", async (t) => {
  const session = t.context.pglite.session("commit");
  const writeLog = sql(
    "select pg_logical_emit_message(true, 'log', repeat('x', 1000000)), $1::text",
  );
  for (let count = 0; count < 300; count += 1) {
    await session.run(writeLog, ["y".repeat(100_000)]);
  }

  const [row] = await session.run(sql("select sum(size)::int8 as bytes from pg_ls_waldir()"));

  t.true(Number(row?.["bytes"]) < 250_000_000, String(row?.["bytes"]));
});

/** A process that opens the folder, commits one row, says so and stays. */
const holder = `
import { openPglite } from ${JSON.stringify(new URL("../../src/platform/pglite.js", import.meta.url).href)};
try {
  const database = await openPglite({ folder: process.argv[2] });
  const session = database.session("commit");
  await session.run({ name: "t", text: "create table if not exists held (a int8)" });
  await session.run({ name: "i", text: "insert into held values (42)" });
  process.stdout.write("committed");
  setInterval(() => undefined, 1000);
} catch (error) {
  process.stdout.write(error.message);
}
`;

async function openInChild(folder: string, script: string) {
  writeFileSync(script, holder);
  const child = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return { child, said: said.toString() };
}

test("pglite: a second process is refused, with the folder and the holder's pid", async (t) => {
  const folder = join(t.context.folder, "pglite");

  const { child, said } = await openInChild(folder, join(t.context.folder, "second.mjs"));

  child.kill("SIGKILL");
  t.true(said.includes(`in use by process ${process.pid}`), said);
  t.true(said.includes(folder), said);
});

test("pglite: the folder is free after kill -9 of its holder, and what was committed is there", async (t) => {
  const folder = join(t.context.folder, "killed");
  const { child, said } = await openInChild(folder, join(t.context.folder, "killed.mjs"));
  t.is(said, "committed");
  await t.throwsAsync(openPglite({ folder }), { message: new RegExp(`process ${child.pid ?? 0}`) });

  child.kill("SIGKILL");
  await once(child, "exit");
  const database = await openPglite({ folder });

  t.deepEqual(await database.reads.run(sql("select a from held")), [{ a: 42n }]);
  await database.close();
});

test("pglite: of two that start together on one folder one wins", async (t) => {
  const folder = join(t.context.folder, "killed");

  const both = await Promise.allSettled([openPglite({ folder }), openPglite({ folder })]);

  const winners = both.filter((each) => each.status === "fulfilled");
  t.is(winners.length, 1);
  for (const winner of winners) await winner.value.close();
});
