import { Cluster } from "../support/cluster-harness.ts";
import { counted, stream } from "../support/cluster-stream.ts";
import { until } from "../support/node-clock.ts";
import { leaseMs, never } from "../support/node-harness.ts";
import { consume, key } from "../support/quota-builders.ts";
import { rowsOf, storeContract } from "../support/store-contract.ts";

const { contract } = storeContract();
const shards = 64;

contract("a node that joins gets its share, and no other shard pauses", async (t, database) => {
  const cluster = new Cluster(database, shards);
  for (const name of ["a", "b", "c"]) await cluster.join(name);
  await cluster.untilOwned({ a: 22, b: 21, c: 21 });
  const before = await cluster.owners();
  const epochs = await rowsOf(database, "select shard, epoch from shards order by shard");
  cluster.pauses.length = 0;

  await cluster.join("d");
  await cluster.untilOwned({ a: 16, b: 16, c: 16, d: 16 });

  const after = await cluster.owners();
  const moved = after.filter((owner, shard) => owner !== before[shard]);
  t.deepEqual([...new Set(moved)], ["d"]);
  t.is(moved.length, shards / 4);
  t.is(cluster.pauses.length, moved.length);
  const now = await rowsOf(database, "select shard, epoch from shards order by shard");
  t.is(now.filter((row, n) => row["epoch"] !== epochs[n]?.["epoch"]).length, moved.length);
  for (const each of cluster.nodes) t.deepEqual(each.faults, []);
});

contract(
  "a rolling restart of all nodes fails no request and counts each once",
  async (t, database) => {
    const cluster = new Cluster(database, shards);
    for (const name of ["a", "b", "c"]) await cluster.join(name);
    const load = stream(cluster, "R");
    await load.untilTaken(200);

    for (const name of ["a", "b", "c"]) {
      const old = cluster.nodes.find((each) => each.name === name && each.node.ready);
      await old?.node.stop();
      t.false((await cluster.owners()).includes(name));
      await load.untilTaken(100);
      await cluster.join(name);
      await until("it has its share", async () => (await cluster.owners()).includes(name));
      await load.untilTaken(100);
    }
    await load.end();

    t.deepEqual(load.failed, []);
    const taken = BigInt(load.taken());
    t.deepEqual(await counted(database), [taken, taken, taken]);
    const sorted = [...cluster.pauses].sort((a, b) => a - b);
    const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
    t.log(
      `${taken} taken, ${cluster.retries} retries, ${sorted.length} moves, pause p99 ${(p99 * 1_000).toFixed(1)} ms`,
    );
  },
);

contract(
  "a drained node gives all up, is not ready, and gets its share back",
  async (t, database) => {
    const cluster = new Cluster(database, shards);
    const a = await cluster.join("a");
    await cluster.join("b");
    await cluster.untilOwned({ a: 32, b: 32 });
    const setDraining = (on: boolean) =>
      rowsOf(
        database,
        `update leases set draining = $1 from writers
       where writers.writer_id = leases.writer_id and node = 'a' and closed_at is null`,
        [on],
      );

    await setDraining(true);
    await cluster.untilOwned({ a: 0, b: 64 });
    await until("it says so", () => a.node.trouble === "drained: other nodes own its shards");
    t.false(a.node.ready);
    await setDraining(false);
    await cluster.untilOwned({ a: 32, b: 32 });

    await until("it is ready", () => a.node.ready);
    t.deepEqual(a.faults, []);
  },
);

contract(
  "a killed node's shards come to the others, by plan and with all that was answered",
  async (t, database) => {
    const cluster = new Cluster(database, shards);
    for (const name of ["a", "b", "c"]) await cluster.join(name);
    await cluster.untilOwned({ a: 22, b: 21, c: 21 });
    const before = await cluster.owners();
    const load = stream(cluster, "K");
    await load.untilTaken(200);

    cluster.nodes[1]?.kill();
    await cluster.lapse("b");
    await cluster.untilOwned({ a: 32, b: 0, c: 32 });
    await load.untilTaken(200);
    await load.end();

    const after = await cluster.owners();
    t.true(before.every((owner, shard) => owner === "b" || owner === after[shard]));
    const taken = BigInt(load.taken());
    t.deepEqual(await counted(database), [taken, taken, taken]);
  },
);

contract(
  "a free shard that its planned node leaves lying about is taken by another",
  async (t, database) => {
    const cluster = new Cluster(database, shards);
    const a = await cluster.join("a");
    const b = await cluster.join("b");
    await cluster.untilOwned({ a: 32, b: 32 });
    b.clock.hold();
    b.meddle(() => never());
    let looks = 0;
    a.meddle((statement, next) => {
      if (statement.name === "all_shards") looks += 1;
      return statement.name === "hand_over_shards" ? Promise.resolve([]) : next();
    });
    await rowsOf(database, "insert into shards (shard, pinned_node) values (64, 'b')");

    await until("it has looked", () => looks > 3);
    t.is((await cluster.owners())[64], null);
    a.clock.pass(leaseMs * 0.6);

    await until("it is taken", async () => (await cluster.owners())[64] === "a");
  },
);

contract(
  "past its lease by its own clock a node answers nothing, reads neither",
  async (t, database) => {
    const cluster = new Cluster(database, shards);
    const a = await cluster.join("a");
    const get = { kind: "get", key: key() } as const;
    await cluster.ask({ ...consume("A-1", 1n), key: key() });

    a.clock.hold();
    a.clock.pass(leaseMs + 1);

    t.false(a.node.ready);
    await t.throwsAsync(cluster.askOnce(get), { message: "the lease of this node has run out" });
    await t.throwsAsync(cluster.askOnce({ ...consume("A-2", 1n), key: key() }), {
      message: "the lease of this node has run out",
    });
    a.clock.go();
    await until("it has renewed its lease", () => a.node.ready);
    t.like(await cluster.ask(get), { kind: "stands" });
  },
);
