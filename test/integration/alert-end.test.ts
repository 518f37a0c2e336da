import { resolveEndedAlerts } from "../../shards/alert-end.ts";
import { instant } from "../../src/domain/instant.ts";
import type { Database, Row } from "../../src/platform/database.ts";
import { harness, type Harness } from "../support/node-harness.ts";
import {
  at,
  consume,
  key,
  limits,
  midday,
  reset,
  resume,
  suspend,
} from "../support/quota-builders.ts";
import { rowsOf, sql, storeContract } from "../support/store-contract.ts";

const { contract } = storeContract();
const daily = limits({ daily: 100n });
const hourMs = 3_600_000;

/** What a merchant did, all of it in the tables. */
async function lived(
  database: Database,
  commands: Parameters<Harness["ask"]>[0][],
  inForce = daily,
  beginsAt = midday,
): Promise<void> {
  const { node, ask } = harness(database, { limits: inForce, beginsAt });
  await node.start();
  for (const command of commands) await ask(command);
  await node.stop();
}

function alertsOf(database: Database): Promise<readonly Row[]> {
  return rowsOf(
    database,
    "select alert_type, is_resolved, resolved_by, resolve_notes from quota_alerts order by id",
  );
}

function resolve(database: Database, now = midday): Promise<number> {
  return resolveEndedAlerts(database.session("jobs"), now);
}

const over = { is_resolved: true, resolved_by: "system", resolve_notes: "the period is over" };

contract("alerts of a day are resolved when it is over, and not before", async (t, database) => {
  await lived(database, [consume("A-1", 100n)], limits({ daily: 100n, monthly: 125n }));

  t.is(await resolve(database, at("2026-11-22T23:59:59Z")), 0);
  t.is(await resolve(database, at("2026-11-23T00:00:00Z")), 2);

  const alerts = await alertsOf(database);
  t.like(alerts[0], { alert_type: "daily_80", ...over });
  t.like(alerts[1], { alert_type: "daily_100", ...over });
  t.like(alerts[2], { alert_type: "monthly_80", is_resolved: false });
  t.is(await resolve(database, at("2026-11-23T00:00:00Z")), 0, "once");
  t.is(await resolve(database, at("2026-12-01T00:00:00Z")), 1);
});

contract("a day ends at the midnight of the merchant's zone", async (t, database) => {
  const tokyo = limits({ daily: 100n, zone: "Asia/Tokyo" });
  await lived(database, [consume("A-1", 80n)], tokyo);

  t.is(await resolve(database, at("2026-11-22T14:59:59Z")), 0);
  t.is(await resolve(database, at("2026-11-22T15:00:00Z")), 1);
});

contract("a reset ends the alerts of what it began anew, not later ones", async (t, database) => {
  await lived(database, [consume("A-1", 80n), reset("daily"), consume("A-2", 90n)]);

  t.is(await resolve(database), 1);

  t.deepEqual(await rowsOf(database, "select period, is_resolved from quota_alerts order by id"), [
    { period: "2026-11-22", is_resolved: true },
    { period: "2026-11-22+1", is_resolved: false },
  ]);
});

contract("a suspension alerts each time, and its end resolves it", async (t, database) => {
  await lived(database, [suspend("chargebacks")]);
  t.is(await resolve(database), 0);
  const resumed = { is_resolved: true, resolve_notes: "the merchant was resumed" };

  await lived(database, [resume(), suspend('"again" \\ \0')], daily, instant(midday + hourMs));
  t.is(await resolve(database), 1, "the first, although the merchant is suspended");
  const again = await alertsOf(database);
  t.like(again[0], resumed);
  t.like(again[1], { alert_type: "suspended", is_resolved: false });

  await lived(database, [resume()], daily, instant(midday + 2 * hourMs));
  t.is(await resolve(database), 1);

  const rows = await rowsOf(
    database,
    "select alert_level, message, current_used, period, version from quota_alerts order by id",
  );
  t.deepEqual(rows, [
    {
      alert_level: "critical",
      message: "suspended by ann: chargebacks",
      current_used: 0n,
      period: "v1",
      version: 1n,
    },
    {
      alert_level: "critical",
      message: 'suspended by ann: "again" \\ \uFFFD',
      current_used: 0n,
      period: "v3",
      version: 3n,
    },
  ]);
});

contract("what a person has resolved keeps that name", async (t, database) => {
  await lived(database, [consume("A-1", 80n)]);
  await database.reads.run(
    sql("update quota_alerts set is_resolved = true, resolved_by = 'ann', resolved_at = now()"),
  );

  t.is(await resolve(database, at("2027-01-01T00:00:00Z")), 0);

  t.like((await alertsOf(database))[0], { resolved_by: "ann" });
});

contract("thousands of alerts are resolved by several at once, each once", async (t, database) => {
  await lived(database, [consume("A-1", 1n)]);
  await database.reads.run(
    sql(`
      insert into quota_alerts (id, shard, merchant_id, currency, alert_type, alert_level, message,
        current_used, limit_amount, usage_percent, period, created_at)
      select gen_random_uuid(), shard, merchant_id, currency, 'daily_' || n, 'warning', '', 1, 1, 1,
        '2026-11-21', now()
      from merchant_quotas, generate_series(1, 2500) as n
      where merchant_id = $1`),
    [key().merchantId],
  );

  const resolved = await Promise.all([
    resolveEndedAlerts(database.session("jobs"), midday),
    resolveEndedAlerts(database.session("outbox"), midday),
  ]);

  t.is(
    resolved.reduce((sum, each) => sum + each),
    2_500,
  );
  t.is(await resolve(database), 0);
});
