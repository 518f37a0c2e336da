import { give, keep, readCluster, takeFree } from "../../shards/ownership/cluster.ts";
import { closeWriter } from "../../shards/ownership/sql.ts";
import { prepareShards } from "../../shards/ownership/preparation.ts";
import { open } from "../../shards/ownership/writer.ts";
import type { Database } from "../../src/platform/database.ts";
import { Fault } from "../../src/wire/fault.ts";
import { shardOf } from "../../src/wire/placement.ts";
import { Cluster } from "../support/cluster-harness.ts";
import { Gate, until } from "../support/node-clock.ts";
import { leaseMs, type Meddle, never } from "../support/node-harness.ts";
import { consume, existing, key } from "../support/quota-builders.ts";
import { rowsOf, storeContract } from "../support/store-contract.ts";

const { contract } = storeContract();
const shards = 8;
const get = { kind: "get", key: key() } as const;
const moving = shardOf(key(), shards);

function brokenConnection(): Fault {
  return new Fault("OUTCOME_UNKNOWN", "the connection broke");
}

/** The shard of the merchant belongs to one node and is pinned to another, which is there. */
async function aboutToMove(database: Database, meddle: Meddle): Promise<Cluster> {
  const cluster = new Cluster(database, shards);
  const giver = await cluster.join("giver");
  await rowsOf(database, "update shards set pinned_node = 'giver'");
  const receiver = await cluster.join("receiver");
  await cluster.ask({ ...consume("A-1", 5n), key: key() });
  if (receiver.node.shardsOwned > 0) throw new Error("the receiver was to own nothing yet");
  giver.meddle(meddle);
  await rowsOf(database, "update shards set pinned_node = 'receiver' where shard = $1", [moving]);
  return cluster;
}

async function usedAfter(cluster: Cluster): Promise<readonly unknown[]> {
  const again = await cluster.ask({ ...consume("A-1", 5n), key: key() });
  const more = await cluster.ask({ ...consume("A-2", 2n), key: key() });
  const stands = await cluster.ask(get);
  return [
    again.kind === "accepted" && again.duplicate,
    more.kind === "accepted" && more.duplicate,
    stands.kind === "stands" && stands.standing.quota.windows.daily.used,
  ];
}

const steps = [
  ["while it writes what was taken into the tables", "write_checkpoint", "before"],
  ["before the shards are the other's", "hand_over_shards", "before"],
  ["after the shards are the other's", "hand_over_shards", "after"],
] as const;

for (const [when, statementName, moment] of steps) {
  contract(`the giver dies ${when}: nothing is lost or doubled`, async (t, database) => {
    let reached = false;
    const cluster = await aboutToMove(database, async (statement, next) => {
      if (statement.name !== statementName || reached) return next();
      reached = true;
      if (moment === "after") await next();
      return never();
    });
    // Something durable that the tables do not have, so that there is a checkpoint to write.
    const third = cluster.ask({ ...consume("A-3", 1n), key: key() });
    await until("the step is reached", () => reached);

    existing(cluster.nodes[0]).kill();
    await cluster.lapse("giver");
    await cluster.untilOwned({ giver: 0, receiver: shards });

    t.like(await third, { kind: "accepted" });
    t.deepEqual(await usedAfter(cluster), [true, false, 8n]);
  });
}

contract(
  "the answer to a hand-over is lost: the giver asks what became of it",
  async (t, database) => {
    let lost = 0;
    const cluster = await aboutToMove(database, async (statement, next) => {
      if (statement.name !== "hand_over_shards") return next();
      lost += 1;
      await next();
      throw brokenConnection();
    });

    await cluster.untilOwned({ giver: shards - 1, receiver: 1 });
    t.deepEqual(await usedAfter(cluster), [true, false, 7n]);
    t.is(lost, 1);
    for (const each of cluster.nodes) t.deepEqual(each.faults, []);
  },
);

contract(
  "a hand-over that failed is tried again, and the shard is served meanwhile",
  async (t, database) => {
    let fails = true;
    let kept = 0;
    const cluster = await aboutToMove(database, (statement, next) => {
      if (statement.name === "keep_shards") kept += 1;
      if (statement.name !== "hand_over_shards" || !fails) return next();
      return Promise.reject(brokenConnection());
    });

    await until("it was taken back", () => kept > 0);
    t.deepEqual(await usedAfter(cluster), [true, false, 7n]);
    t.is((await cluster.owners())[moving], "giver");
    fails = false;
    existing(cluster.nodes[0]).clock.pass(leaseMs * 0.6);
    await cluster.untilOwned({ giver: shards - 1, receiver: 1 });

    t.like(await cluster.ask({ ...consume("A-2", 2n), key: key() }), { duplicate: true });
    for (const each of cluster.nodes) t.deepEqual(each.faults, []);
  },
);

contract("the tables cannot be written: the shard stays, and is served", async (t, database) => {
  let fails = true;
  let tried = 0;
  const cluster = await aboutToMove(database, (statement, next) => {
    if (statement.name !== "write_checkpoint" || !fails) return next();
    tried += 1;
    return Promise.reject(new Fault("SHARD_UNAVAILABLE", "no"));
  });
  await cluster.ask({ ...consume("A-2", 2n), key: key() });

  await until("it was tried", () => tried > 2);
  t.is((await cluster.owners())[moving], "giver");
  t.like(await cluster.ask(get), { standing: { quota: { windows: { daily: { used: 7n } } } } });
  fails = false;
  existing(cluster.nodes[0]).clock.pass(leaseMs * 0.6);
  await cluster.untilOwned({ giver: shards - 1, receiver: 1 });

  t.deepEqual(await usedAfter(cluster), [true, true, 7n]);
});

contract(
  "a request that is taken before the shard moves is answered by the giver",
  async (t, database) => {
    const cluster = await aboutToMove(database, (_, next) => next());
    const asked = Array.from({ length: 50 }, (_, n) =>
      cluster.ask({ ...consume(`B-${n}`, 1n), key: key() }),
    );
    await cluster.untilOwned({ giver: shards - 1, receiver: 1 });

    for (const outcome of await Promise.all(asked)) t.like(outcome, { kind: "accepted" });
    t.deepEqual(await usedAfter(cluster), [true, false, 57n]);
  },
);

contract(
  "what is announced is served at once, before the lease is renewed and the cluster looked at",
  async (t, database) => {
    const mayMove = new Gate();
    const cluster = await aboutToMove(database, (statement, next) =>
      statement.name === "hand_over_shards" ? mayMove.opened.then(next) : next(),
    );
    const receiver = existing(cluster.nodes[1]);
    receiver.meddle((statement, next) =>
      statement.name === "renew_lease" ? Promise.reject(brokenConnection()) : next(),
    );
    await until("it looks at nothing any more", () => /not be renewed/.test(receiver.said.join()));
    mayMove.open();

    await until("it serves the shard", () => receiver.node.shardsOwned === 1);
    t.deepEqual(await usedAfter(cluster), [true, false, 7n]);
  },
);

contract("a node that was paused while its shards were taken is fenced", async (t, database) => {
  const cluster = await aboutToMove(database, (_, next) => next());
  await cluster.untilOwned({ giver: shards - 1, receiver: 1 });
  const paused = existing(cluster.nodes[1]);
  await until("the receiver serves it", () => paused.node.shardsOwned === 1);
  paused.clock.hold();
  await rowsOf(database, "update shards set pinned_node = 'giver'");

  await cluster.lapse("receiver");
  await cluster.untilOwned({ giver: shards, receiver: 0 });
  t.deepEqual(await usedAfter(cluster), [true, false, 7n]);
  paused.clock.go();

  await until(
    "it begins anew",
    () => paused.said.filter((text) => text === "serving").length === 2,
  );
  t.is(paused.node.shardsOwned, 0);
  t.deepEqual(await usedAfter(cluster), [true, true, 7n]);
});

contract(
  "two writers that take the same free shards get each a part, and none both",
  async (t, database) => {
    const session = database.session("lease");
    await prepareShards(session, shards);
    const [one, other] = [await writerOf(database, "one"), await writerOf(database, "other")];
    const all = [...Array(shards).keys()];

    const [first, second] = await Promise.all([
      takeFree(session, one, all),
      takeFree(database.session("checkpoint"), other, all),
    ]);

    t.is(first.length + second.length, shards);
    t.deepEqual(
      [...first, ...second].map(({ epoch }) => epoch),
      all.map(() => 1n),
    );
  },
);

contract("a hand-over to a writer that was closed sets the shards free", async (t, database) => {
  const { session, giver, to, owned } = await twoWriters(database);
  await session.run(closeWriter, [to.writerId]);

  t.deepEqual(new Set((await give(session, giver, to, owned)).values()), new Set([null]));
});

contract(
  "a hand-over that arrives after its shards were kept moves nothing",
  async (t, database) => {
    const { session, giver, to, owned } = await twoWriters(database);
    await keep(
      session,
      giver,
      owned.map(({ shard }) => shard),
    );

    t.is((await give(session, giver, to, owned)).size, 0);
    const { shards: now } = await readCluster(session);
    t.deepEqual(new Set(now.map(({ owner }) => owner)), new Set(["giver"]));
  },
);

contract("a writer that was closed hands over nothing", async (t, database) => {
  const { session, giver, to, owned } = await twoWriters(database);
  await session.run(closeWriter, [giver.writerId]);

  t.is((await give(session, giver, to, owned)).size, 0);
});

function writerOf(database: Database, node: string) {
  const rest = {
    leaseMs: 60_000,
    address: "here",
    version: "test",
    draining: false,
    reachable: null,
  };
  return open(database, { node, ...rest });
}

/** One that owns all shards, and one that could. */
async function twoWriters(database: Database) {
  const session = database.session("lease");
  await prepareShards(session, shards);
  const giver = await writerOf(database, "giver");
  const { writerId, node: name } = await writerOf(database, "receiver");
  const owned = await takeFree(session, giver, [...Array(shards).keys()]);
  return { session, giver, to: { writerId, name, draining: false, reachable: null }, owned };
}
