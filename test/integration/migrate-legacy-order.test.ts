import type { Outcome } from "../../src/domain/outcome.ts";
import { openPostgres } from "../../src/platform/postgres.ts";
import { argsTo, asOf, legacyContract, rowsIn, size } from "../support/legacy-contract.ts";
import { asked, makeLegacyDatabase } from "../support/legacy-database.ts";
import { quotactl } from "../support/legacy-process.ts";
import { harness, killAll } from "../support/node-harness.ts";
import { at, consume, existing, release } from "../support/quota-builders.ts";
import type { PostgresAddress, RealPostgres } from "../support/services.ts";

const onServer = legacyContract();

/** A merchant's log as somebody would tell it: order, action, amount, time, and what is special. */
const story = `
insert into limit_usage_logs (id, merchant_id, order_no, action_type, amount, success, currency, created_at,
  daily_used_before, daily_used_after, monthly_used_before, monthly_used_after)
values
  (gen_random_uuid(), 'M-1', 'A-3', 'consume', 400, true, 'USD', '2025-12-31T23:00:00Z', 0, 400, 0, 400),
  (gen_random_uuid(), 'M-1', 'A-9', 'release', 30, true, 'USD', '2026-01-05T10:00:00Z', 0, 0, 0, 0),
  (gen_random_uuid(), 'M-1', 'A-6', 'consume', 1000, true, 'USD', '2026-03-05T10:00:00Z', 0, 1000, 0, 1000),
  (gen_random_uuid(), 'M-1', 'A-2', 'consume', 200, true, 'USD', '2026-11-21T10:00:00Z', 0, 200, 0, 200),
  (gen_random_uuid(), 'M-1', 'A-1', 'consume', 100, true, 'USD', '2026-11-22T10:00:00Z', 0, 100, 200, 300),
  (gen_random_uuid(), 'M-1', 'A-4', 'consume', 9999, false, 'USD', '2026-11-22T10:30:00Z', 100, 100, 300, 300),
  (gen_random_uuid(), 'M-1', 'A-5', 'consume', 70, true, 'EUR', '2026-11-22T10:40:00Z', 100, 100, 300, 300),
  (gen_random_uuid(), 'M-1', 'A-2', 'release', 50, true, 'USD', '2026-11-22T11:00:00Z', 100, 50, 300, 250)`;

const limits = `
insert into merchant_limits (id, merchant_id, tier_id, daily_used, monthly_used, pending_amount, refunded_today,
  daily_reset_at, monthly_reset_at)
values (gen_random_uuid(), 'M-1', gen_random_uuid(), 50, 250, 220, 50, '2026-11-23T00:00:00Z', '2026-12-01T00:00:00Z')`;

/** The merchant of the story, migrated. */
async function migrated(server: RealPostgres): Promise<PostgresAddress> {
  const [old, target] = [await server.newDatabase(), await server.newDatabase()];
  await makeLegacyDatabase(old, { ...size, merchants: 0, logRows: 0 });
  await asked(old, async (client) => {
    await client.query("alter table merchant_limits alter merchant_id type text");
    await client.query("alter table limit_usage_logs alter merchant_id type text");
    await client.query(story);
    await client.query(limits);
  });
  const { code, stderr } = await quotactl(target, argsTo(old, "--apply"));
  if (code !== 0) throw new Error(stderr);
  return target;
}

onServer("what the old service did not count is counted from its log", async (t, { server }) => {
  const target = await migrated(server);

  const [quota] = await rowsIn(
    target,
    `select daily_used, monthly_used, yearly_used, pending_amount, refunded_today, refunded_month, refunded_year,
       transactions_today, transactions_month, transactions_year, daily_period, version
     from merchant_quotas`,
  );
  const logs = await rowsIn(
    target,
    `select order_no, currency, yearly_used_before || ' ' || yearly_used_after as yearly, failure_reason, charged_periods
     from quota_usage_logs order by created_at`,
  );
  const orders = await rowsIn(
    target,
    `select split_part(order_key, ' ', 3) as no, amount - released - settled as pending
     from quota_orders order by order_key`,
  );

  t.deepEqual(quota, {
    daily_used: "50",
    monthly_used: "250",
    yearly_used: "1250",
    pending_amount: "220",
    refunded_today: "50",
    refunded_month: "50",
    refunded_year: "80",
    transactions_today: 1,
    transactions_month: 2,
    transactions_year: 3,
    daily_period: "2026-11-22",
    version: "1",
  });
  t.deepEqual(
    logs.map(({ yearly }) => yearly),
    ["0 400", "0 0", "0 1000", "1000 1200", "1200 1300", "1300 1300", "0 0", "1300 1250"],
  );
  t.deepEqual(existing(logs[0])["charged_periods"], ["2025-12-31", "2025-12", "2025"]);
  t.is(existing(logs[5])["failure_reason"], "FAILED");
  t.deepEqual(
    orders.map(({ no, pending }) => `${String(no)} ${String(pending)}`),
    ["A-1 70", "A-2 150", "A-3 0", "A-6 0", "A-9 0"],
    "the newest are pending, as far as the merchant's pending amount goes; none in EUR, none refused",
  );
});

onServer(
  "an old order that is sent again is known, and an old one can be given back",
  async (t, { server }) => {
    const target = await migrated(server);
    const database = openPostgres({ ...target, statementTimeoutMs: 60_000 });
    t.teardown(async () => {
      killAll();
      await database.close();
    });
    const { node, ask } = harness(database, { beginsAt: at(asOf) });
    await node.start();

    t.is(codeOf(await ask(consume("A-1", 100n))), "duplicate");
    t.is(codeOf(await ask(consume("A-1", 99n))), "ORDER_CONFLICT");
    t.is(codeOf(await ask(consume("A-9", 30n))), "duplicate");
    t.is(codeOf(await ask(release("A-9", 5n, "R-9"))), "RELEASE_EXCEEDS_CONSUMED");
    t.is(codeOf(await ask(release("A-2", 50n))), "duplicate");
    t.is(codeOf(await ask(consume("A-4", 9n))), "accepted");
    for (const order of ["A-1", "A-3", "A-6"]) t.is(codeOf(await ask(release(order))), "accepted");
    t.is(codeOf(await ask(release("A-2", 150n, "R-2"))), "accepted");
    await node.stop();

    const [quota] = await rowsIn(
      target,
      "select daily_used, monthly_used, yearly_used, pending_amount, refunded_today from merchant_quotas",
    );
    t.deepEqual(quota, {
      // The old service had taken the 50 of A-2 off this day: of A-1 it has 59 left to give back.
      daily_used: "0",
      monthly_used: "9",
      yearly_used: "9",
      pending_amount: "9",
      refunded_today: "1700",
    });
  },
);

function codeOf(outcome: Outcome): string {
  if (outcome.kind === "refused") return outcome.refusal.code;
  return outcome.kind === "accepted" && outcome.duplicate ? "duplicate" : outcome.kind;
}
