import anyTest, { type ExecutionContext, type TestFn } from "ava";

import type { Row } from "../../src/platform/database.ts";
import { asked, makeLegacyDatabase, urlOf } from "./legacy-database.ts";
import { type PostgresAddress, type RealPostgres, realPostgres } from "./services.ts";

/** What the tests of one file share. */
export interface Served {
  readonly server: RealPostgres;
  /** The old service's: 2,000 limits and 10,000 log rows; nobody changes it. */
  readonly old: () => Promise<PostgresAddress>;
}

/** The moment that the made-up databases end at. */
export const asOf = "2026-11-22T15:00:00Z";
export const size = { merchants: 2_000, logRows: 10_000, seed: "migrate-legacy", asOf };

/** A server before the tests of a file, with an old database where one is asked for. */
export function legacyContract(): (
  title: string,
  body: (t: ExecutionContext<Served | undefined>, served: Served) => Promise<void>,
) => void {
  const test = anyTest.serial as TestFn<Served | undefined>;
  test.before(async (t) => {
    t.context = undefined;
    const server = await realPostgres();
    if ("skipped" in server) return;
    t.context = { server, old: onlyOnce(() => oldDatabase(server)) };
  });
  test.after.always(async (t) => {
    await t.context?.server.stop();
  });
  return (title, body) => {
    test(title, async (t) => {
      // A missing server was said loudly when it was looked for.
      if (t.context === undefined) t.pass();
      else await body(t, t.context);
    });
  };
}

async function oldDatabase(server: RealPostgres): Promise<PostgresAddress> {
  const old = await server.newDatabase();
  await makeLegacyDatabase(old, size);
  return old;
}

/** What is made when it is first asked for, and then the same for all. */
function onlyOnce<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

export function argsTo(old: PostgresAddress, ...more: readonly string[]): readonly string[] {
  return ["migrate-legacy", "--from", urlOf(old), "--as-of", asOf, ...more];
}

export async function rowsIn(
  target: PostgresAddress,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  return asked(target, async (client) => (await client.query<Row>(text, [...values])).rows);
}

/** The column `n` of the one row. */
export async function numberIn(target: PostgresAddress, text: string): Promise<number> {
  const [row] = await rowsIn(target, text);
  return Number(row?.["n"]);
}

/** All that is migrated, as one text a table. */
export function checksums(target: PostgresAddress): Promise<readonly Row[]> {
  return rowsIn(
    target,
    `select 'quotas' as what, count(*)::int, md5(string_agg(q::text, '|' order by quota_key)) as sum
     from merchant_quotas as q
     union all
     select 'orders', count(*)::int, md5(string_agg(o::text, '|' order by order_key)) from quota_orders as o
     union all
     select 'logs', count(*)::int, md5(string_agg(l::text, '|' order by id)) from quota_usage_logs as l`,
  );
}
