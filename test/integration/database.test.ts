import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import anyTest, { type ExecutionContext, type TestFn } from "ava";

import type { Database } from "../../src/platform/database.ts";
import { applyMigrations } from "../../src/platform/migrations.ts";
import { openPglite } from "../../src/platform/pglite.ts";
import { openPostgres } from "../../src/platform/postgres.ts";
import { codeOf, selectOne, statementOf as sql } from "../support/database-question.ts";
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
  const server = await realPostgres();
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

contract("a statement reads its rows each time as it did the first time", async (t, database) => {
  const session = database.session("prefetch");
  const statement = sql(
    "select n, n * 9007199254740993 as wide, $2::json as j, to_timestamp(n) as at, n > 1 as b, " +
      "nullif(n, 2)::text as t from unnest($1::int8[]) as given (n)",
  );
  const row = (n: number, text: string | null) => ({
    ...{ n: BigInt(n), wide: BigInt(n) * 9_007_199_254_740_993n, j: { a: 1 } },
    ...{ at: new Date(n * 1_000), b: n > 1, t: text },
  });
  const expected = [row(1, "1"), row(2, null), row(3, "3")];

  t.deepEqual(await session.run(statement, [[1n, 2n, 3n], '{"a":1}']), expected);
  const together = await Promise.all([
    session.run(statement, [[1n, 2n, 3n], '{"a":1}']),
    session.run(statement, [[], null]),
    session.run(statement, [[3n], '{"a":1}']),
  ]);
  t.deepEqual(together, [expected, [], [row(3, "3")]]);
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
  // A new PGlite has the service's schema.
  await database.reads.run(sql("drop table if exists schema_migrations"));

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
