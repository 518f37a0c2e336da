import { graceMs } from "../../shards/jobs/reset-sweep.ts";
import { batchRowsMax } from "../../shards/jobs/sql.ts";
import { quotaFrom } from "../../shards/store/stored.ts";
import { instant } from "../../src/domain/instant.ts";
import { calendarAt } from "../../src/domain/period.ts";
import { calendarOf, rolled } from "../../src/domain/quota.ts";
import { harness } from "../support/node-harness.ts";
import {
  at,
  consume,
  existing,
  key,
  limits,
  reserve,
  reset,
  zone,
} from "../support/quota-builders.ts";
import { rowsOf, storeContract } from "../support/store-contract.ts";
import {
  monday,
  quotas,
  resets,
  sunday,
  sweep,
  tuesday,
  used,
  usedByMany,
} from "../support/swept-merchants.ts";

const { contract } = storeContract();
const dayMs = 86_400_000;

contract(
  "after midnight the rows are as the next turn would find them, and the log says so",
  async (t, database) => {
    const lastOfYear = at("2026-12-31T20:00:00Z");
    const { node, ask } = harness(database, {
      beginsAt: lastOfYear,
      limits: limits({ zone: "Asia/Kolkata" }),
    });
    await node.start();
    await ask(consume("A-1", 40n));
    await ask(reserve("H-1", 9n, 30 * dayMs));
    await ask({ ...consume("B-1", 7n), key: key("M-2") });
    await ask({ ...reset("daily"), key: key("M-2") });
    await node.stop();
    const before = await quotas(database);
    const now = instant(lastOfYear + 40 * dayMs);
    const said: string[] = [];

    const swept = await sweep(database, { now, said });

    const calendar = calendarAt(instant(now - graceMs), zone("Asia/Kolkata"));
    const after = await quotas(database);
    t.is(after.length, 2);
    after.forEach((row, n) => {
      const was = existing(before[n]);
      const owner = key(String(row["merchant_id"]));
      const expected = rolled(quotaFrom(was, owner), calendar);
      t.deepEqual(quotaFrom(row, owner), expected);
      t.is(row["version"], was["version"]);
      t.deepEqual(row["updated_at"], was["updated_at"]);
      const running = calendarOf(expected, calendar);
      for (const name of ["daily", "monthly", "yearly"] as const) {
        t.deepEqual(row[`${name}_reset_at`], new Date(running[name].endsAt));
      }
    });
    t.like(swept, { keys: 2, entries: 2, nextMidnight: calendar.daily.endsAt });
    const [first, second] = await resets(database);
    t.like(first, {
      merchant_id: "M-1",
      amount: 0n,
      success: true,
      operator_id: "system",
      daily_used_before: 40n,
      daily_used_after: 0n,
      monthly_used_before: 40n,
      monthly_used_after: 0n,
      yearly_used_before: 40n,
      yearly_used_after: 40n,
      reserved_before: 9n,
      reserved_after: 9n,
      version: 2n,
      created_at: new Date(now),
      metadata: { ended_day: "2027-01-01", ended_month: "2027-01" },
    });
    t.like(second, { merchant_id: "M-2", daily_used_before: 0n, monthly_used_before: 7n });
    t.deepEqual(said, ["reset sweep done"]);
  },
);

contract("each zone is swept at its own midnight", async (t, database) => {
  await used(database, ["M-kiritimati"], at("2026-11-22T09:00:00Z"), "Pacific/Kiritimati");
  await used(database, ["M-utc"], at("2026-11-22T09:00:00Z"), "UTC");
  await used(database, ["M-pago"], at("2026-11-22T09:00:00Z"), "Pacific/Pago_Pago");
  const midnights = ["2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z", "2026-11-23T00:00:00Z"].map(
    at,
  );

  for (const [n, midnight] of midnights.entries()) {
    t.like(await sweep(database, { now: midnight }), { keys: 0, nextMidnight: midnight });
    t.like(await sweep(database, { now: instant(midnight + graceMs) }), { keys: 1, entries: 1 });
    t.is((await resets(database)).length, n + 1);
  }
});

contract("a second sweep, or one beside it, changes nothing", async (t, database) => {
  await usedByMany(database, 2 * batchRowsMax + 7);

  const both = await Promise.all([
    sweep(database, { now: monday }),
    sweep(database, { now: monday, purpose: "outbox" }),
  ]);

  const rest = await sweep(database, { now: monday });
  const keys = [...both, rest].reduce((total, swept) => total + swept.keys, 0);
  t.is(keys, 2 * batchRowsMax + 7);
  const once = await quotas(database);
  t.is((await sweep(database, { now: monday, purpose: "outbox" })).keys, 0);
  t.deepEqual(await quotas(database), once);
  const perKey = await rowsOf(
    database,
    "select max(n) as most, count(*) as keys from (select count(*) as n from quota_usage_logs where action_type = 'reset' group by merchant_id) as each",
  );
  t.deepEqual(perKey, [{ most: 1n, keys: BigInt(2 * batchRowsMax + 7) }]);
});

contract("a key that was empty moves on without an entry", async (t, database) => {
  await used(database, ["M-1"], sunday);
  await sweep(database, { now: monday });

  const swept = await sweep(database, { now: tuesday });

  t.like(swept, { keys: 1, entries: 0 });
  t.like((await quotas(database))[0], { daily_period: "2026-11-24", monthly_used: 40n });
  t.is((await resets(database)).length, 1);
});

contract(
  "a clock that was a day ahead turned periods once, and back again nothing",
  async (t, database) => {
    await used(database, ["M-1"], sunday);
    t.is((await sweep(database, { now: tuesday })).keys, 1);
    const ahead = await quotas(database);

    t.is((await sweep(database, { now: monday })).keys, 0);
    t.is((await sweep(database, { now: tuesday })).keys, 0);

    t.deepEqual(await quotas(database), ahead);
    t.is((await resets(database)).length, 1);
  },
);
