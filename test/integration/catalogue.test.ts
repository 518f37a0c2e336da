import {
  commitBatch,
  openHoldsByKey,
  ordersByKey,
  pruneJournal,
  quotasByKey,
  writeCheckpoint,
} from "../../shards/store/sql.ts";
import type { Database, Statement } from "../../src/platform/database.ts";
import { rowsOf, sql, storeContract } from "../support/store-contract.ts";

const { test, contract } = storeContract();

contract("every key and unique index holds shard or writer_id", async (t, database) => {
  const rows = await rowsOf(
    database,
    `select indexrelid::regclass::text as name, array_agg(attname::text) as columns
     from pg_index
     join pg_class on pg_class.oid = indrelid
     join pg_attribute on attrelid = indrelid and attnum = any(indkey)
     where indisunique and relnamespace = 'public'::regnamespace and relname <> 'schema_migrations'
     group by 1`,
  );

  t.true(rows.length >= 8);
  for (const { name, columns } of rows) {
    const named = [columns].flat();
    t.true(named.includes("shard") || named.includes("writer_id"), String(name));
  }
});

contract(
  "the heads of chains are found by index, however small the table was at first",
  async (t, database) => {
    await rowsOf(database, "insert into log_heads values ('M-1 USD', 1, 1, '')");
    await rowsOf(database, "analyze log_heads");

    await database.transaction(async (session) => {
      const readings = sql(
        "select seq_scan from pg_stat_xact_user_tables where relname = 'log_heads'",
      );
      const before = await session.run(readings);
      const heads = await session.run(sql("select log_heads_of(array['M-1 USD'])"));

      t.is(heads.length, 1);
      t.deepEqual(await session.run(readings), before, "the whole table was read");
    });
  },
);

contract(
  "a batch is compressed where Postgres has lz4, and else not at all",
  async (t, database) => {
    await rowsOf(database, "insert into writers (node) values ('n')");
    await rowsOf(
      database,
      `insert into journal (writer_id, seq, facts, quotas, orders, alerts)
     select writer_id, 1, '{}', '{}', array(
       select row('M-1 USD A-' || n, 1, 5, 0, 0, '{2026-11-22}', null, null, null, '{}', n, now())::quota_orders
       from generate_series(1, 100) as n
     ), '{}'
     from writers`,
    );

    const [stored] = await rowsOf(
      database,
      `select pg_column_compression(orders) as by, pg_column_size(orders) as bytes,
       'lz4' = any(enumvals) as has_lz4
     from journal, pg_settings where name = 'default_toast_compression'`,
    );
    const hasLz4 = stored?.["has_lz4"] === true;
    const bytes = Number(stored?.["bytes"]);

    t.is(stored?.["by"], hasLz4 ? "lz4" : null);
    t.is(bytes < 100 * 50, hasLz4, `${bytes} bytes`);
  },
);

interface Hot {
  readonly statement: Statement;
  readonly types: string;
  readonly values: string;
  readonly table: string;
}

const hot: readonly Hot[] = [
  {
    statement: ordersByKey,
    types: "text[]",
    values: "'{M-1 USD A-1,M-2 USD A-2}'",
    table: "quota_orders",
  },
  {
    statement: quotasByKey,
    types: "text[]",
    values: "'{M-1 USD,M-2 USD}'",
    table: "merchant_quotas",
  },
  {
    statement: openHoldsByKey,
    types: "text[]",
    values: "'{M-1 USD,M-2 USD}'",
    table: "quota_orders",
  },
  {
    statement: commitBatch,
    types: "bigint, bigint, text, text, text, text",
    values: "1, 1, '[]', '[]', '[]', '[]'",
    table: "writers",
  },
  {
    statement: pruneJournal,
    types: "bigint",
    values: "1",
    table: "journal",
  },
  {
    statement: writeCheckpoint,
    types: "bigint, bigint",
    values: "1, 1",
    table: "journal",
  },
];

/** The plan that a prepared statement keeps, whatever it is asked. */
async function genericPlan(
  database: Database,
  { statement, types, values }: Hot,
  readsAll: string,
): Promise<string> {
  return database.transaction(async (session) => {
    await session.run(sql("set local plan_cache_mode = force_generic_plan"));
    await session.run(sql(`set local enable_seqscan = ${readsAll}`));
    await session.run(sql(`prepare hot (${types}) as ${statement.text}`));
    const rows = await session.run(sql(`explain execute hot (${values})`));
    await session.run(sql("deallocate hot"));
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  });
}

const grow = {
  writers:
    "insert into writers (node, closed_at) select 'n', now() from generate_series(1, $1::int)",
  journal: `
    insert into journal (writer_id, seq, facts, quotas, orders, alerts)
    select (select min(writer_id) from writers), n, '{}', '{}', '{}', '{}' from generate_series(1, $1::int) as n`,
  orders: `
    insert into quota_orders
    select 'M-' || n % 997 || ' USD A-' || n, n % 256, 5, 0, 0, '{2026-11-22,2026-11,2026}',
      case when n % 50 = 0 then 'open' end, 5, now(), '{}', n, now()
    from generate_series(1, $1::int) as n`,
  quotas: `
    insert into merchant_quotas
    select made.* from generate_series(1, $1::int / 4) as n,
    json_populate_record(null::merchant_quotas, json_build_object(
      'quota_key', 'M-' || n || ' USD', 'shard', n % 256, 'merchant_id', 'M-' || n, 'currency', 'USD',
      'timezone', 'UTC', 'daily_period', '2026-11-22', 'monthly_period', '2026-11', 'yearly_period', '2026',
      'daily_used', n, 'monthly_used', n, 'yearly_used', n, 'daily_reserved', 0, 'monthly_reserved', 0,
      'yearly_reserved', 0, 'pending_amount', 0, 'reserved_amount', 0, 'refunded_today', 0,
      'refunded_month', 0, 'refunded_year', 0, 'transactions_today', 1, 'transactions_month', 1,
      'transactions_year', 1, 'daily_alerted', 0, 'monthly_alerted', 0, 'yearly_alerted', 0,
      'daily_reset_at', now(), 'monthly_reset_at', now(), 'yearly_reset_at', now(),
      'limits_source', 'default', 'is_suspended', false, 'version', 1, 'created_at', now(), 'updated_at', now()
    )) as made`,
};

/** With few rows Postgres rightly reads them all; the question is whether it could do otherwise. */
for (const { rows, readsAll } of [
  { rows: 0, readsAll: "off" },
  { rows: 1_000, readsAll: "off" },
  { rows: 200_000, readsAll: "on" },
]) {
  test(`postgres: the hot statements go by their index (${rows} rows, enable_seqscan ${readsAll})`, async (t) => {
    const { postgres } = t.context;
    if (postgres === undefined) {
      t.pass();
      return;
    }
    await rowsOf(
      postgres,
      "truncate writers, checkpoints, leases, shards, journal, merchant_quotas, quota_orders cascade",
    );
    if (rows > 0) {
      for (const text of Object.values(grow)) await rowsOf(postgres, text, [rows]);
    }
    for (const statistics of ["none", "analyzed"]) {
      if (statistics === "analyzed") {
        await rowsOf(postgres, "analyze writers, journal, merchant_quotas, quota_orders");
      }
      for (const each of hot) {
        const plan = await genericPlan(postgres, each, readsAll);
        t.false(
          plan.includes(`Seq Scan on ${each.table}`),
          `${each.statement.name}, ${statistics}:\n${plan}`,
        );
        // Compiling a plan takes longer than these statements do; Postgres does it where it expects very many rows.
        t.false(plan.includes("JIT:"), `${each.statement.name}, ${statistics}:\n${plan}`);
      }
    }
  });
}
