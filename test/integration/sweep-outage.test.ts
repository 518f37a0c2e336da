import test from "ava";

import { sweepResets } from "../../shards/jobs/reset-sweep.ts";
import { batchRowsMax, turnPeriods } from "../../shards/jobs/sql.ts";
import { applyMigrations } from "../../src/platform/migrations.ts";
import { openPostgres } from "../../src/platform/postgres.ts";
import { until } from "../support/node-clock.ts";
import { logInto, meddled } from "../support/node-harness.ts";
import { realPostgres } from "../support/services.ts";
import { rowsOf } from "../support/store-contract.ts";
import { monday, resets, sweep, usedByMany } from "../support/swept-merchants.ts";

const statementTimeoutMs = 60_000;
const keys = 3 * batchRowsMax + 7;

test("a sweep that Postgres was restarted under is finished by the next, with one entry a key", async (t) => {
  const server = await realPostgres({ own: true });
  if ("skipped" in server) {
    t.pass();
    return;
  }
  const database = openPostgres({ ...(await server.newDatabase()), statementTimeoutMs });
  await applyMigrations(database);
  await usedByMany(database, keys);
  let batches = 0;
  const failing = meddled(database, async (statement, next) => {
    const rows = await next();
    if (statement.name === turnPeriods.name && ++batches === 2) await server.kill();
    return rows;
  });

  const cutOff = sweepResets({
    session: failing.session("jobs"),
    log: logInto([]),
    now: monday,
    signal: new AbortController().signal,
  });
  await t.throwsAsync(cutOff);
  await server.restart();
  await until("Postgres answers", async () => {
    try {
      await rowsOf(database, "select 1");
      return true;
    } catch {
      return false;
    }
  });
  const [done] = await rowsOf(
    database,
    "select count(*) as n from merchant_quotas where daily_period = '2026-11-23'",
  );
  const again = await sweep(database, { now: monday });

  t.is(done?.["n"], BigInt(2 * batchRowsMax));
  t.is(again.keys, keys - 2 * batchRowsMax);
  const entries = await resets(database);
  t.is(entries.length, keys);
  t.is(new Set(entries.map((entry) => entry["merchant_id"])).size, keys);
  await database.close();
  await server.stop();
});
