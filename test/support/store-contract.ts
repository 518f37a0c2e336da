import { createHash } from "node:crypto";

import anyTest, { type ExecutionContext, type TestFn } from "ava";

import type { Database, Row, Statement } from "../../src/platform/database.ts";
import { applyMigrations } from "../../src/platform/migrations.ts";
import { inMemory, openPglite } from "../../src/platform/pglite.ts";
import { openPostgres } from "../../src/platform/postgres.ts";
import { Fault } from "../../src/wire/fault.ts";
import { killAll } from "./node-harness.ts";
import { type RealPostgres, realPostgres } from "./services.ts";

/** The stores of one test file, each with the schema and nothing in it. */
export interface Stores {
  readonly pglite: Database;
  readonly server: RealPostgres | undefined;
  readonly postgres: Database | undefined;
}

export const kinds = ["pglite", "postgres"] as const;
const statementTimeoutMs = 60_000;

/** Each after those that its rows refer to. */
const tables: readonly string[] = [
  ...["writers", "event_marks", "checkpoints", "leases", "shards", "journal"],
  ...["merchant_quotas", "quota_orders", "quota_usage_logs", "quota_alerts", "alert_deliveries"],
  ...["event_feeds", "quota_limits", "log_retention", "log_heads"],
];

/**
 * All of them as migrations leave them. A `truncate` makes new files for each, in ten times the time of a `delete`, which
 * leaves the dead rows of many tests to be read over: so it is done when a table has grown. Both wait until nobody is in
 * one of them: nothing of a node that was killed comes in behind it.
 */
export const emptyAllText = `
  do $$ begin
    lock table ${tables.join(", ")};
    if exists (
      select from pg_class
      where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_table_size(oid) > 500000
    ) then
      truncate ${tables.join(", ")} restart identity;
    else
      ${tables
        .map((table) => `delete from ${table};`)
        .reverse()
        .join(" ")}
      perform setval('writers_writer_id_seq', 1, false);
    end if;
  end $$`;

/** A statement, named by its text as Postgres wants names: short, and another for another text. */
export function sql(text: string): Statement {
  return { name: createHash("sha1").update(text).digest("hex"), text };
}

export async function rowsOf(
  database: Database,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  return database.reads.run(sql(text), values);
}

/** Whether it was said already what comes before and after: several files may run as one. */
let isOpened = false;

/** Opens both stores before the tests of a run's file and closes them after; one body runs on each. */
export function storeContract(): {
  readonly test: TestFn<Stores>;
  readonly contract: (
    title: string,
    body: (t: ExecutionContext<Stores>, database: Database) => Promise<void>,
  ) => void;
} {
  const test = anyTest.serial as TestFn<Stores>;
  if (!isOpened) openFor(test);
  isOpened = true;

  return {
    test,
    contract: (title, body) => {
      for (const kind of kinds) {
        test(`${kind}: ${title}`, async (t) => {
          const database = t.context[kind];
          if (database === undefined) {
            t.pass();
            return;
          }
          await rowsOf(database, emptyAllText);
          try {
            await body(t, database);
          } finally {
            killAll();
          }
        });
      }
    },
  };
}

function openFor(test: TestFn<Stores>): void {
  test.before(async (t) => {
    const server = await realPostgres();
    const pglite = await openPglite({ folder: inMemory });
    await applyMigrations(pglite);
    t.context = { pglite, server: undefined, postgres: undefined };
    if ("skipped" in server) return;
    const address = await server.migratedDatabase();
    const postgres = openPostgres({ ...address, statementTimeoutMs });
    t.context = { pglite, server, postgres };
  });
  test.after.always(async (t) => {
    await t.context.postgres?.close();
    await t.context.server?.stop();
    await t.context.pglite.close();
  });
}

/** The code of the fault that something asked ends with, or `answered`. */
export async function codeOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return "answered";
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
}
