import { commitBatch, pruneJournal, writeCheckpoint } from "../../shards/store/sql.ts";
import { renewLease } from "../../shards/ownership/sql.ts";
import { recover, type Writer } from "../../shards/ownership/writer.ts";
import type { Database, Row } from "../../src/platform/database.ts";
import { minor } from "../../src/domain/money.ts";
import { Fault } from "../../src/wire/fault.ts";
import { Gate, until } from "../support/node-clock.ts";
import { harness, logInto } from "../support/node-harness.ts";
import { consume, existing, key, limits } from "../support/quota-builders.ts";
import { codeOf, rowsOf, sql, storeContract } from "../support/store-contract.ts";
import { randomCommand, randomFrom } from "../support/store-story.ts";

const { contract } = storeContract();
const quiet = logInto([]);
const get = { kind: "get", key: key() } as const;

/** The writer that is open; the wait is for a node that begins anew. */
async function openWriter(database: Database): Promise<Writer> {
  const open = "select writer_id, node from writers where closed_at is null";
  let rows: readonly Row[] = [];
  await until("a writer is open", async () => {
    rows = await rowsOf(database, open);
    return rows.length > 0;
  });
  const { writer_id: writerId, node } = existing(rows[0]);
  return { writerId: BigInt(String(writerId)), node: String(node) };
}

/** All that the checkpoint writes, in a fixed order. */
async function tablesOf(database: Database): Promise<Readonly<Record<string, readonly Row[]>>> {
  return {
    quotas: await rowsOf(database, "select * from merchant_quotas order by quota_key"),
    orders: await rowsOf(database, "select * from quota_orders order by order_key"),
    logs: await rowsOf(database, "select * from quota_usage_logs order by id"),
    alerts: await rowsOf(database, "select * from quota_alerts order by id"),
    heads: await rowsOf(database, "select * from log_heads order by quota_key"),
  };
}

function orders(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `A-${n}`);
}

contract(
  "a writer that was closed commits nothing, and the node begins anew",
  async (t, database) => {
    const { node, ask, meddle, standing } = harness(database);
    await node.start();
    await ask(consume("before", 5n));
    const writer = await openWriter(database);
    const gate = new Gate();
    const answered = new Gate();
    // The renewal waits longer: one that found the writer closed first would leave the commit's outcome unknown.
    meddle(async (statement, next) => {
      if (statement.name === commitBatch.name) await gate.opened;
      if (statement.name === renewLease.name) await answered.opened;
      return next();
    });
    const asked = orders(20).map((order) => codeOf(ask(consume(order, 1n))));

    await recover(database, writer, quiet);
    gate.open();

    t.deepEqual(new Set(await Promise.all(asked)), new Set(["SHARD_UNAVAILABLE"]));
    answered.open();
    const [left] = await rowsOf(database, "select count(*) as n from journal");
    t.is(left?.["n"], 0n);
    await until("the node serves again", () => node.ready);
    t.is((await standing(get)).quota.windows.daily.used, minor(5n));
    t.like(await ask(consume("before", 5n)), { kind: "accepted", duplicate: true });
    t.like(await ask(consume("A-0", 1n)), { duplicate: false, receipt: { used: { daily: 6n } } });
    await node.stop();
  },
);

contract("a commit whose answer was lost counts once", async (t, database) => {
  const { node, ask, meddle } = harness(database);
  await node.start();
  let lost = 0;
  meddle(async (statement, next) => {
    const rows = await next();
    if (statement.name !== commitBatch.name || lost > 0) return rows;
    lost += 1;
    throw new Fault("OUTCOME_UNKNOWN", "the connection was lost");
  });

  t.is(await codeOf(ask(consume("A-1", 40n))), "OUTCOME_UNKNOWN");
  await until("the node serves again", () => node.ready);

  const again = await ask(consume("A-1", 40n));
  t.like(again, { kind: "accepted", duplicate: true, receipt: { used: { daily: 40n } } });
  await node.stop();
});

contract("orders that are retried through lost writers count once each", async (t, database) => {
  const { node, ask, standing } = harness(database);
  await node.start();
  let answered = 0;
  const insist = async (order: string): Promise<void> => {
    while ((await codeOf(ask(consume(order, 1n)))) !== "answered") {
      await until("the node serves again", () => node.ready);
    }
    answered += 1;
  };
  const all = orders(120);

  const asked = all.map((order) => insist(order));
  for (const share of [0.2, 0.4, 0.6]) {
    await until("some are answered or all", () => answered >= Math.min(share * all.length, 20));
    await recover(database, await openWriter(database), quiet);
  }
  await Promise.all(asked);

  await until("the node serves again", () => node.ready);
  // A repeat would be answered from memory; only a new order proves that the writer is open.
  await insist("A-last");
  const counted = all.length + 1;
  const { quota } = await standing(get);
  t.is(quota.windows.daily.used, minor(BigInt(counted)));
  t.is(quota.version, counted);
  await node.stop();
  const [logs] = await rowsOf(database, "select count(*) as n from quota_usage_logs where success");
  t.is(logs?.["n"], BigInt(counted));
});

contract("a checkpoint written twice, or by two at once, changes nothing", async (t, database) => {
  const { node, ask, clock } = harness(database);
  await node.start();
  const { writerId } = await openWriter(database);
  clock.hold();
  const random = randomFrom(7);
  for (let n = 0; n < 40; n += 1) await ask(randomCommand(random));
  const [last] = await rowsOf(database, "select max(seq) as seq from journal");
  const seq = existing(last)["seq"];
  t.true(Number(seq) > 30);

  const write = (upTo: unknown): Promise<readonly Row[]> =>
    database.reads.run(writeCheckpoint, [writerId, upTo]);
  await Promise.all([
    write(10),
    write(10),
    database.session("checkpoint").run(writeCheckpoint, [writerId, 20]),
  ]);
  await Promise.all([write(seq), database.session("lease").run(writeCheckpoint, [writerId, seq])]);
  const once = await tablesOf(database);
  for (const upTo of [seq, 3, 0]) await write(upTo);

  t.deepEqual(await tablesOf(database), once);
  t.deepEqual(await rowsOf(database, "select seq from checkpoints"), [{ seq }]);
  const [logs] = await rowsOf(
    database,
    "select count(*) as n, count(distinct id) as ids from quota_usage_logs",
  );
  t.true(Number(logs?.["n"]) >= 30);
  t.is(logs?.["n"], logs?.["ids"]);
  clock.go();
  await node.stop();
  t.deepEqual(await tablesOf(database), once);
});

contract("the tables are the journal, replayed", async (t, database) => {
  const random = randomFrom(11);
  for (let life = 0; life < 3; life += 1) {
    const { node, ask, meddle } = harness(database);
    meddle((statement, next) =>
      statement.name === pruneJournal.name ? Promise.resolve([]) : next(),
    );
    await node.start();
    for (let n = 0; n < 12; n += 1) {
      await Promise.all(Array.from({ length: 12 }, () => ask(randomCommand(random))));
    }
    await node.stop();
  }
  const written = await tablesOf(database);
  t.true((written["logs"] ?? []).length > 300);
  t.true((written["orders"] ?? []).length > 50);

  await database.reads.run(
    sql(
      "truncate merchant_quotas, quota_orders, quota_usage_logs, quota_alerts, alert_deliveries, log_heads",
    ),
  );
  await database.reads.run(sql("update checkpoints set seq = 0"));
  const writers = await rowsOf(
    database,
    "select writer_id, max(seq) as seq from journal group by writer_id order by writer_id",
  );
  t.is(writers.length, 3);
  for (const { writer_id: writerId, seq } of writers) {
    await database.reads.run(writeCheckpoint, [writerId, seq]);
  }

  t.deepEqual(await tablesOf(database), written);
});

contract(
  "of a hundred at once on a limit of fifty, fifty succeed, each time",
  async (t, database) => {
    const { node, ask, standing } = harness(database, { limits: limits({ daily: 50n }) });
    await node.start();
    for (let round = 0; round < 20; round += 1) {
      const owner = key(`round-${round}`);

      const outcomes = await Promise.all(
        orders(100).map((order) => ask({ ...consume(order, 1n), key: owner })),
      );

      const taken = outcomes.filter(({ kind }) => kind === "accepted");
      t.is(taken.length, 50);
      t.is((await standing({ kind: "get", key: owner })).quota.windows.daily.used, minor(50n));
    }
    await node.stop();
    const rows = await rowsOf(
      database,
      "select count(*) as n from merchant_quotas where daily_used = 50",
    );
    t.deepEqual(rows, [{ n: 20n }]);
  },
);
