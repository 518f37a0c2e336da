import { sweepResets } from "../../shards/jobs/reset-sweep.ts";
import { batchRowsMax, turnPeriods } from "../../shards/jobs/sql.ts";
import { pruneJournal, writeCheckpoint } from "../../shards/store/sql.ts";
import { Fault } from "../../src/wire/fault.ts";
import { statementOf } from "../support/database-question.ts";
import { Gate, until } from "../support/node-clock.ts";
import { harness, logInto, meddled } from "../support/node-harness.ts";
import { at, consume, key } from "../support/quota-builders.ts";
import { emptyAllText, rowsOf, storeContract } from "../support/store-contract.ts";
import {
  monday,
  quotas,
  resets,
  sunday,
  sweep,
  used,
  usedByMany,
} from "../support/swept-merchants.ts";
import { mismatches } from "../support/verified-story.ts";

const { test, contract } = storeContract();

contract("a key that an owner used since is left alone", async (t, database) => {
  await used(database, ["M-1", "M-2"], sunday);
  const { node, ask, clock, standing } = harness(database, { beginsAt: monday });
  await node.start();
  clock.hold();
  await ask({ ...consume("A-2", 5n), key: key("M-1") });

  t.like(await sweep(database, { now: monday }), { keys: 1, entries: 1 });

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
    await used(database, ["M-1"], sunday);
    const { node, ask, standing } = harness(database, { beginsAt: monday });
    await node.start();
    await standing({ kind: "get", key: key("M-1") });

    t.like(await sweep(database, { now: monday }), { keys: 1 });
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
  await used(database, ["M-1"], sunday);
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
  t.like(await sweep(database, { now: monday }), { keys: 1 });
  gate.open();
  t.like(await asked, { receipt: { used: { daily: 43n } } });
  await node.stop();

  t.like((await quotas(database))[0], { daily_period: "2026-11-22", daily_used: 43n });
  t.like(await sweep(database, { now: monday }), { keys: 1, entries: 1 });
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

  await t.throwsAsync(sweep(failing, { now: monday }), { instanceOf: Fault });
  t.is((await resets(database)).length, batchRowsMax);
  t.is((await sweep(database, { now: monday })).keys, batchRowsMax + 7);

  const days = await rowsOf(
    database,
    "select daily_period, count(*) as n from merchant_quotas group by 1",
  );
  t.deepEqual(days, [{ daily_period: "2026-11-23", n: BigInt(2 * batchRowsMax + 7) }]);
  t.is((await resets(database)).length, 2 * batchRowsMax + 7);
});

test("postgres: a checkpoint that meets a sweep goes on from where that has left the chain", async (t) => {
  const database = t.context.postgres;
  if (database === undefined) {
    t.pass();
    return;
  }
  await rowsOf(database, emptyAllText);
  await used(database, ["M-1"], sunday);
  const { node, ask } = harness(database, { beginsAt: monday });
  await node.start();

  const isWaiting = async (): Promise<boolean> => {
    const [row] = await rowsOf(
      database,
      `select count(*) as n from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return row?.["n"] === 1n;
  };
  await database.transaction(async (session) => {
    const signal = new AbortController().signal;
    t.like(await sweepResets({ session, log: logInto([]), now: monday, signal }), { keys: 1 });
    await ask(consume("A-2", 5n));
    await until("the checkpoint waits for the sweep", isWaiting);
  });
  await node.stop();

  t.deepEqual(await mismatches(database), []);
  const log = await rowsOf(
    database,
    "select action_type, chain_no from quota_usage_logs order by chain_no",
  );
  t.deepEqual(log, [
    { action_type: "consume", chain_no: 1n },
    { action_type: "reset", chain_no: 2n },
    { action_type: "consume", chain_no: 3n },
  ]);
});

test("postgres: a key whose chain a checkpoint goes on with is left for the next sweep", async (t) => {
  const database = t.context.postgres;
  if (database === undefined) {
    t.pass();
    return;
  }
  await rowsOf(database, emptyAllText);
  await used(database, ["M-1", "M-2"], sunday);

  await database.transaction(async (session) => {
    await session.run(statementOf("select log_heads_of(array['M-1 USD'])"));
    t.like(await sweep(database, { now: monday }), { keys: 1, entries: 1 });
  });

  t.like(await sweep(database, { now: monday }), { keys: 1, entries: 1 });
  t.deepEqual(await mismatches(database), []);
});
