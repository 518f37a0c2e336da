import { closeWriter, freeShards } from "../../shards/ownership/sql.ts";
import { takeFree } from "../../shards/ownership/cluster.ts";
import {
  makePartitions,
  prepareShards,
  ShardCountChanged,
} from "../../shards/ownership/preparation.ts";
import type { Database } from "../../src/platform/database.ts";
import { at, confirm, consume, key, reserve } from "../support/quota-builders.ts";
import { until } from "../support/node-clock.ts";
import { harness, shardCount } from "../support/node-harness.ts";
import { codeOf, rowsOf, sql, storeContract } from "../support/store-contract.ts";

const { test, contract } = storeContract();
const get = { kind: "get", key: key() } as const;

async function epochs(database: Database): Promise<readonly unknown[]> {
  const rows = await rowsOf(database, "select epoch from shards order by shard");
  return rows.map((row) => row["epoch"]);
}

/** Again and again: a renewal that was on its way may come after. */
async function lapse(database: Database, node: string): Promise<void> {
  await rowsOf(
    database,
    `update leases set lease_until = now() - interval '1 second'
     from writers where writers.writer_id = leases.writer_id and node = $1`,
    [node],
  );
}

/** Where they are while that node lives: its share is no matter of the test. */
async function pinAllTo(database: Database, node: string): Promise<void> {
  await rowsOf(database, "update shards set pinned_node = $1", [node]);
}

contract("a restart serves at once, and knows all from before", async (t, database) => {
  const first = harness(database);
  await first.node.start();
  const taken = await first.ask(consume("A-1", 40n));
  await first.ask(reserve("H-1", 9n));
  await first.node.stop();
  const before = await epochs(database);

  const second = harness(database);
  second.clock.shift(1_000);
  await second.node.start();

  t.is(second.node.shardsOwned, shardCount);
  t.deepEqual(
    before,
    Array.from({ length: shardCount }, () => 1n),
  );
  t.deepEqual(
    await epochs(database),
    Array.from({ length: shardCount }, () => 2n),
  );
  const again = await second.ask(consume("A-1", 40n));
  t.like(again, { kind: "accepted", duplicate: true });
  t.deepEqual(
    again.kind === "accepted" && again.receipt,
    taken.kind === "accepted" && taken.receipt,
  );
  t.like(await second.ask(confirm("H-1")), { receipt: { used: { daily: 49n }, reserved: 0n } });
  await second.node.stop();
});

contract("a stop in the middle of the start leaves nothing behind", async (t, database) => {
  const one = harness(database);
  const started = one.node.start();

  await one.node.stop();
  await started;

  t.false(one.node.ready);
  t.deepEqual(await rowsOf(database, "select node from writers where closed_at is null"), []);
  t.deepEqual(await rowsOf(database, "select shard from shards where writer_id is not null"), []);
});

contract(
  "a stop under load answers all that it took, and loses none of it",
  async (t, database) => {
    const one = harness(database);
    await one.node.start();
    const asked = Array.from({ length: 300 }, (_, n) => codeOf(one.ask(consume(`A-${n}`, 1n))));

    await one.node.stop();

    t.deepEqual(new Set(await Promise.all(asked)), new Set(["answered"]));
    t.is(await codeOf(one.ask(get)), "SHARD_UNAVAILABLE");
    const rows = await rowsOf(database, "select daily_used from merchant_quotas");
    t.deepEqual(rows, [{ daily_used: 300n }]);
  },
);

contract(
  "a killed node is recovered by another, with all that was answered",
  async (t, database) => {
    const first = harness(database, { name: "first" });
    const second = harness(database, { name: "second" });
    await first.node.start();
    await pinAllTo(database, "first");
    await second.node.start();
    t.is(second.node.shardsOwned, 0, "the first lives");
    first.clock.hold();
    await first.ask(reserve("H-1", 9n));
    const asked = Array.from({ length: 200 }, (_, n) => ({
      order: `A-${n}`,
      code: codeOf(first.ask(consume(`A-${n}`, 1n))),
    }));
    await Promise.race(asked.map(({ code }) => code));
    const answered: string[] = [];
    for (const { order, code } of asked) {
      void code.then((each) => each === "answered" && answered.push(order));
    }
    await first.ask(get);

    first.kill();
    await until("the second takes all", async () => {
      await lapse(database, "first");
      return second.node.shardsOwned === shardCount;
    });

    t.true(answered.length > 0);
    for (const order of answered) {
      t.like(await second.ask(consume(order, 1n)), { kind: "accepted", duplicate: true });
    }
    t.like(await second.ask(confirm("H-1")), { kind: "accepted", duplicate: false });
    for (const { order } of asked) await second.ask(consume(order, 1n));
    const { quota } = await second.standing(get);
    t.is<unknown, unknown>(quota.windows.daily.used, BigInt(asked.length + 9));
    await second.node.stop();
  },
);

contract("a merchant is served by one of two nodes, never by both", async (t, database) => {
  const first = harness(database, { name: "first" });
  const second = harness(database, { name: "second" });
  await first.node.start();
  await pinAllTo(database, "first");
  await second.node.start();
  await first.ask(consume("A-1", 1n));
  t.is(await codeOf(second.ask(get)), "SHARD_UNAVAILABLE");

  // The first is paused: it believes in its lease, the database does not.
  first.clock.hold();
  await until("the second takes all", async () => {
    await lapse(database, "first");
    return second.node.shardsOwned === shardCount;
  });
  t.like(await second.ask(consume("A-2", 1n)), { receipt: { used: { daily: 2n } } });
  t.is(await codeOf(first.ask(consume("A-3", 1n))), "SHARD_UNAVAILABLE");
  await pinAllTo(database, "second");
  first.clock.go();
  const served = (): number => first.said.filter((text) => text === "serving").length;
  await until("the first begins anew, with nothing", () => served() === 2);

  t.is(first.node.shardsOwned, 0);
  t.is(await codeOf(first.ask(get)), "SHARD_UNAVAILABLE");
  await second.node.stop();
  await until("the first takes all", () => first.node.shardsOwned === shardCount);
  t.like(await first.ask(consume("A-2", 1n)), { duplicate: true });
  t.is<unknown, unknown>((await first.standing(get)).quota.windows.daily.used, 2n);
  await first.node.stop();
});

test("postgres: a writer that is being closed takes no shard that came free meanwhile", async (t) => {
  const { postgres } = t.context;
  if (postgres === undefined) {
    t.pass();
    return;
  }
  await rowsOf(postgres, "truncate writers, checkpoints, leases, shards, journal cascade");
  await prepareShards(postgres.session("lease"), shardCount);
  const [row] = await rowsOf(
    postgres,
    "insert into writers (node) values ('slow') returning writer_id",
  );
  const writer = { writerId: BigInt(String(row?.["writer_id"])), node: "slow" };
  let taking: ReturnType<typeof takeFree> | undefined;

  await postgres.transaction(async (session) => {
    await session.run(closeWriter, [writer.writerId]);
    await session.run(freeShards, [writer.writerId]);
    taking = takeFree(postgres.session("lease"), writer, [...Array(shardCount).keys()]);
    await session.run(sql("select pg_sleep(0.3)"));
  });

  t.deepEqual(await taking, []);
  t.deepEqual(await rowsOf(postgres, "select shard from shards where writer_id is not null"), []);
});

contract("nodes that start at once make each partition once", async (t, database) => {
  const parts = await rowsOf(
    database,
    `select relname::text as name from pg_class where relname like 'quota_usage_logs_2%' and relkind = 'r'`,
  );
  for (const { name } of parts) await rowsOf(database, `drop table ${String(name)}`);

  const made = await Promise.all([1, 2, 3, 4].map(() => makePartitions(database)));

  t.is(made.flat().length, 3);
  t.is(new Set(made.flat()).size, 3);
});

contract("another number of shards is refused at the start", async (t, database) => {
  const first = harness(database, { shards: 4 });
  await first.node.start();
  await first.node.stop();

  await t.throwsAsync(harness(database, { shards: 5 }).node.start(), {
    instanceOf: ShardCountChanged,
    message: /SHARD_COUNT=4 .* it is now 5/,
  });
});

contract(
  "the log of this month and the next two has partitions of its own",
  async (t, database) => {
    const [months] = await rowsOf(
      database,
      `select array_agg('quota_usage_logs_' || to_char(now() at time zone 'UTC' + n * interval '1 month', 'YYYY_MM')
       order by n) as names from generate_series(0, 2) as n`,
    );
    const [today] = await rowsOf(database, "select now() as now");
    const now = today?.["now"];
    const one = harness(database, { beginsAt: at(now instanceof Date ? now.toISOString() : "") });
    await one.node.start();
    await one.ask(consume("A-1", 1n));
    await one.node.stop();

    const parts = await rowsOf(
      database,
      "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'quota_usage_logs'::regclass",
    );
    const names = parts.map((row) => row["name"]);
    t.true([months?.["names"]].flat().every((name) => names.includes(name)));
    const found = await rowsOf(
      database,
      "select tableoid::regclass::text as part from quota_usage_logs",
    );
    t.deepEqual(found, [{ part: [months?.["names"]].flat()[0] }]);
  },
);
