import { graceMs, type Swept, sweepResets } from "../../shards/jobs/reset-sweep.ts";
import { batchRowsMax, turnPeriods } from "../../shards/jobs/sql.ts";
import { pruneJournal, writeCheckpoint } from "../../shards/store/sql.ts";
import { quotaFrom } from "../../shards/store/stored.ts";
import { type Instant, instant } from "../../src/domain/instant.ts";
import { calendarAt } from "../../src/domain/period.ts";
import { calendarOf, rolled } from "../../src/domain/quota.ts";
import type { Database, Row } from "../../src/platform/database.ts";
import { Fault } from "../../src/wire/fault.ts";
import { Gate } from "../support/node-clock.ts";
import { harness, logInto, meddled } from "../support/node-harness.ts";
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

const { contract } = storeContract();
const signal = new AbortController().signal;
const monday = at("2026-11-23T12:00:00Z");
const dayMs = 86_400_000;

function sweep(database: Database, now: Instant, said: string[] = []): Promise<Swept> {
  return sweepResets({ session: database.session("jobs"), log: logInto(said), now, signal });
}

/** A sweep of another node, on a connection of its own. */
function otherSweep(database: Database, now: Instant): Promise<Swept> {
  return sweepResets({ session: database.session("outbox"), log: logInto([]), now, signal });
}

function quotas(database: Database): Promise<readonly Row[]> {
  return rowsOf(database, "select * from merchant_quotas order by quota_key");
}

function resets(database: Database): Promise<readonly Row[]> {
  return rowsOf(
    database,
    "select * from quota_usage_logs_live where action_type = 'reset' order by merchant_id, created_at",
  );
}

/** Merchants who took something at a time, in a zone; nothing waits in the journal any more. */
async function used(
  database: Database,
  merchants: readonly string[],
  when: Instant,
  zoneName = "UTC",
): Promise<void> {
  const { node, ask } = harness(database, {
    beginsAt: when,
    limits: limits({ daily: 1_000n, zone: zoneName }),
  });
  await node.start();
  await Promise.all(
    merchants.map((merchant) => ask({ ...consume("A-1", 40n), key: key(merchant) })),
  );
  await node.stop();
}

/** Many keys of a zone, as copies of one that took 40 on a Sunday. */
async function usedByMany(database: Database, count: number): Promise<void> {
  await used(database, ["M-0"], at("2026-11-22T12:00:00Z"));
  await rowsOf(
    database,
    `insert into merchant_quotas
     select made.* from merchant_quotas as quota, generate_series(1, $1::int) as n,
     json_populate_record(quota, json_build_object('quota_key', 'M-' || n || ' USD', 'merchant_id', 'M-' || n)) as made`,
    [count - 1],
  );
}

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

    const swept = await sweep(database, now, said);

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
    const [first, second] = await resets(database).then((rows) =>
      rows.filter((row) => row["operator_type"] === "system"),
    );
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
    t.like(await sweep(database, midnight), { keys: 0, nextMidnight: midnight });
    t.like(await sweep(database, instant(midnight + graceMs)), { keys: 1, entries: 1 });
    t.is((await resets(database)).length, n + 1);
  }
});

contract("a second sweep, or one beside it, changes nothing", async (t, database) => {
  await usedByMany(database, 2 * batchRowsMax + 7);

  const both = await Promise.all([sweep(database, monday), otherSweep(database, monday)]);

  const rest = await sweep(database, monday);
  const keys = [...both, rest].reduce((total, swept) => total + swept.keys, 0);
  t.is(keys, 2 * batchRowsMax + 7);
  const once = await quotas(database);
  t.is((await otherSweep(database, monday)).keys, 0);
  t.deepEqual(await quotas(database), once);
  const perKey = await rowsOf(
    database,
    "select max(n) as most, count(*) as keys from (select count(*) as n from quota_usage_logs where action_type = 'reset' group by merchant_id) as each",
  );
  t.deepEqual(perKey, [{ most: 1n, keys: BigInt(2 * batchRowsMax + 7) }]);
});

contract("a key that was empty moves on without an entry", async (t, database) => {
  await used(database, ["M-1"], at("2026-11-22T12:00:00Z"));
  await sweep(database, monday);

  const swept = await sweep(database, instant(monday + dayMs));

  t.like(swept, { keys: 1, entries: 0 });
  t.like((await quotas(database))[0], { daily_period: "2026-11-24", monthly_used: 40n });
  t.is((await resets(database)).length, 1);
});

contract("a key that an owner used since is left alone", async (t, database) => {
  await used(database, ["M-1", "M-2"], at("2026-11-22T12:00:00Z"));
  const { node, ask, clock, standing } = harness(database, { beginsAt: monday });
  await node.start();
  clock.hold();
  await ask({ ...consume("A-2", 5n), key: key("M-1") });

  t.like(await sweep(database, monday), { keys: 1, entries: 1 });

  const [swept] = await resets(database);
  t.like(swept, { merchant_id: "M-2" });
  t.like((await quotas(database))[0], { daily_period: "2026-11-22", daily_used: 40n });
  clock.go();
  const { quota } = await standing({ kind: "get", key: key("M-2") });
  t.is<unknown, unknown>(quota.windows.daily.used, 0n);
  t.is<unknown, unknown>(quota.windows.monthly.used, 40n);
  await node.stop();
  t.like((await quotas(database))[0], { daily_period: "2026-11-23", daily_used: 5n });
});

contract(
  "an owner that loaded its key before the sweep counts on as if there were none",
  async (t, database) => {
    await used(database, ["M-1"], at("2026-11-22T12:00:00Z"));
    const { node, ask, standing } = harness(database, { beginsAt: monday });
    await node.start();
    await standing({ kind: "get", key: key("M-1") });

    t.like(await sweep(database, monday), { keys: 1 });
    const answer = await ask(consume("A-2", 5n));

    t.like(answer, { receipt: { used: { daily: 5n, monthly: 45n }, version: 2 } });
    await node.stop();
    t.like((await quotas(database))[0], { daily_used: 5n, monthly_used: 45n, version: 2n });
    const log = await rowsOf(
      database,
      "select daily_used_before, daily_used_after from quota_usage_logs order by version, created_at",
    );
    t.deepEqual(
      log.map((row) => [row["daily_used_before"], row["daily_used_after"]]),
      [
        [0n, 40n],
        [40n, 0n],
        [0n, 5n],
      ],
    );
  },
);

contract("a change that is written late wins over the sweep", async (t, database) => {
  await used(database, ["M-1"], at("2026-11-22T12:00:00Z"));
  const { node, ask, meddle } = harness(database, { beginsAt: at("2026-11-22T23:59:00Z") });
  const gate = new Gate();
  const sweeping = new Gate();
  await node.start();
  meddle(async (statement, next) => {
    if (statement.name === "commit_batch") {
      sweeping.open();
      await gate.opened;
    }
    return statement.name === pruneJournal.name ? [] : next();
  });
  const asked = ask(consume("A-late", 3n));
  await sweeping.opened;
  t.like(await sweep(database, monday), { keys: 1 });
  gate.open();
  t.like(await asked, { receipt: { used: { daily: 43n } } });
  await node.stop();

  t.like((await quotas(database))[0], { daily_period: "2026-11-22", daily_used: 43n });
  t.like(await sweep(database, monday), { keys: 1, entries: 1 });
  t.like((await quotas(database))[0], { daily_period: "2026-11-23", daily_used: 0n, version: 2n });
  const replayed = await rowsOf(
    database,
    "select writer_id, max(seq) as seq from journal group by 1",
  );
  await rowsOf(database, "update checkpoints set seq = 0");
  await rowsOf(database, "truncate quota_usage_logs");
  for (const { writer_id: writer, seq } of replayed) {
    await database.reads.run(writeCheckpoint, [writer, seq]);
  }
  t.like((await quotas(database))[0], { daily_period: "2026-11-23", daily_used: 0n });
});

contract("a sweep that is cut off is finished by the next", async (t, database) => {
  await usedByMany(database, 2 * batchRowsMax + 7);
  let batches = 0;
  const failing = meddled(database, (statement, next) => {
    if (statement.name !== turnPeriods.name) return next();
    batches += 1;
    if (batches === 2) throw new Fault("SHARD_UNAVAILABLE", "the connection was lost");
    return next();
  });

  await t.throwsAsync(sweep(failing, monday), { instanceOf: Fault });
  t.is((await resets(database)).length, batchRowsMax);
  t.is((await sweep(database, monday)).keys, batchRowsMax + 7);

  const days = await rowsOf(
    database,
    "select daily_period, count(*) as n from merchant_quotas group by 1",
  );
  t.deepEqual(days, [{ daily_period: "2026-11-23", n: BigInt(2 * batchRowsMax + 7) }]);
  t.is((await resets(database)).length, 2 * batchRowsMax + 7);
});

contract(
  "a clock that was a day ahead turned periods once, and back again nothing",
  async (t, database) => {
    await used(database, ["M-1"], at("2026-11-22T12:00:00Z"));
    t.is((await sweep(database, instant(monday + dayMs))).keys, 1);
    const ahead = await quotas(database);

    t.is((await sweep(database, monday)).keys, 0);
    t.is((await sweep(database, instant(monday + dayMs))).keys, 0);

    t.deepEqual(await quotas(database), ahead);
    t.is((await resets(database)).length, 1);
  },
);
