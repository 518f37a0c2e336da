import { dropOldLogs, makeMonths, pruneDeadJournal } from "../../shards/jobs/log-retention.ts";
import { batchRowsMax } from "../../shards/jobs/sql.ts";
import { pruneJournal } from "../../shards/store/sql.ts";
import type { Database, Row } from "../../src/platform/database.ts";
import { Fault } from "../../src/wire/fault.ts";
import { harness, logInto, meddled } from "../support/node-harness.ts";
import { at, consume } from "../support/quota-builders.ts";
import { rowsOf, sql, storeContract } from "../support/store-contract.ts";

const { contract, test } = storeContract();
const now = at("2026-11-22T12:00:00Z");

function around(database: Database, said: string[] = []) {
  const signal = new AbortController().signal;
  return { database, session: database.session("jobs"), log: logInto(said), signal };
}

/** An entry in the log at each of these times. */
async function logged(database: Database, times: readonly string[]): Promise<void> {
  await rowsOf(
    database,
    `insert into quota_usage_logs
     select made.* from unnest($1::timestamptz[]) as at,
     json_populate_record(null::quota_usage_logs, json_build_object(
       'id', gen_random_uuid(), 'shard', 1, 'merchant_id', 'M-1', 'currency', 'USD', 'action_type', 'consume',
       'amount', 1, 'daily_used_before', 0, 'daily_used_after', 1, 'monthly_used_before', 0,
       'monthly_used_after', 1, 'yearly_used_before', 0, 'yearly_used_after', 1, 'pending_before', 0,
       'pending_after', 1, 'reserved_before', 0, 'reserved_after', 0, 'limits_source', 'default',
       'charged_periods', '{}'::text[], 'success', true, 'operator_id', 'ann', 'operator_type', 'api',
       'version', 1, 'created_at', at
     )) as made`,
    [times],
  );
}

async function months(database: Database): Promise<readonly unknown[]> {
  const rows = await rowsOf(
    database,
    `select tableoid::regclass::text as part, to_char(created_at at time zone 'UTC', 'YYYY-MM') as month
     from quota_usage_logs order by created_at`,
  );
  return rows.map((row: Row) => `${String(row["part"])} ${String(row["month"])}`);
}

async function partitions(database: Database): Promise<readonly unknown[]> {
  const rows = await rowsOf(
    database,
    `select relname::text as name from pg_inherits join pg_class on pg_class.oid = inhrelid
     where inhparent = 'quota_usage_logs'::regclass and relname ~ '_[0-9]{4}_[0-9]{2}$' order by relname`,
  );
  return rows.map((row) => row["name"]);
}

async function withoutMonths(database: Database): Promise<void> {
  for (const name of await partitions(database)) {
    await rowsOf(database, `drop table ${String(name)}`);
  }
}

contract(
  "the months to come have their partitions before they begin, told once",
  async (t, database) => {
    await withoutMonths(database);
    const said: string[] = [];

    await makeMonths(around(database, said));
    const made = await partitions(database);
    await makeMonths(around(database, said));

    t.is(made.length, 3);
    t.deepEqual(await partitions(database), made);
    t.deepEqual(said, ["log partitions made"]);
  },
);

contract("the log keeps its whole months, and loses those before them", async (t, database) => {
  await withoutMonths(database);
  await rowsOf(database, "select make_log_partitions('2026-07-15T00:00:00Z'::timestamptz, 5)");
  const times = [
    "2024-02-29T12:00:00Z",
    "2026-07-31T23:59:59Z",
    "2026-08-31T23:59:59.999Z",
    "2026-09-01T00:00:00Z",
    "2026-10-31T12:00:00Z",
    "2026-11-22T11:00:00Z",
  ];
  await logged(database, times);
  const said: string[] = [];

  await dropOldLogs(around(database, said), now, 2);
  const kept = await months(database);
  await dropOldLogs(around(database, said), now, 2);

  t.deepEqual(kept, [
    "quota_usage_logs_2026_09 2026-09",
    "quota_usage_logs_2026_10 2026-10",
    "quota_usage_logs_2026_11 2026-11",
  ]);
  t.deepEqual(await months(database), kept);
  t.deepEqual(said, ["log partition dropped", "log partition dropped", "old log entries deleted"]);
});

contract(
  "old entries outside of any month go in batches, and a cut leaves no harm",
  async (t, database) => {
    await withoutMonths(database);
    const old = Array.from({ length: 2 * batchRowsMax + 7 }, () => "2020-01-01T00:00:00Z");
    await logged(database, [...old, "2026-11-01T00:00:00Z"]);
    let batches = 0;
    const cut = meddled(database, (statement, next) => {
      if (statement.name === "delete_old_logs") batches += 1;
      if (batches === 2) throw new Fault("SHARD_UNAVAILABLE", "the connection was lost");
      return next();
    });

    await t.throwsAsync(dropOldLogs(around(cut), now, 12), { instanceOf: Fault });
    const [left] = await rowsOf(database, "select count(*) as n from quota_usage_logs");
    await dropOldLogs(around(database), now, 12);

    t.is(left?.["n"], BigInt(batchRowsMax + 8));
    t.deepEqual(await months(database), ["quota_usage_logs_other 2026-11"]);
  },
);

test("postgres: a reader of the log is not cut off by retention, which comes again", async (t) => {
  const { postgres } = t.context;
  if (postgres === undefined) {
    t.pass();
    return;
  }
  await withoutMonths(postgres);
  await rowsOf(postgres, "select make_log_partitions('2025-01-15T00:00:00Z'::timestamptz, 1)");

  await postgres.transaction(async (reader) => {
    await reader.run(sql("select count(*) from quota_usage_logs"));
    await t.throwsAsync(dropOldLogs(around(postgres), now, 2), { message: /lock timeout/ });
  });
  t.deepEqual(await partitions(postgres), ["quota_usage_logs_2025_01"]);
  await dropOldLogs(around(postgres), now, 2);

  t.deepEqual(await partitions(postgres), []);
});

contract(
  "what closed writers left in the journal goes, what is not in the tables stays",
  async (t, database) => {
    const { node, ask, meddle, clock } = harness(database);
    meddle((statement, next) =>
      statement.name === pruneJournal.name ? Promise.resolve([]) : next(),
    );
    await node.start();
    await ask(consume("A-1", 5n));
    await node.stop();
    const living = harness(database, { name: "node-b" });
    await living.node.start();
    living.clock.hold();
    await living.ask(consume("A-2", 5n));
    clock.die();
    const said: string[] = [];

    await pruneDeadJournal(around(database, said));
    await pruneDeadJournal(around(database, said));

    const rows = await rowsOf(
      database,
      "select node, count(*) as n from journal join writers using (writer_id) group by node",
    );
    t.deepEqual(rows, [{ node: "node-b", n: 1n }]);
    t.deepEqual(said, ["journal of closed writers deleted"]);
  },
);
