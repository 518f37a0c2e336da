import type { Database } from "../../src/platform/database.ts";
import { Cluster } from "../support/cluster-harness.ts";
import { counted, stream } from "../support/cluster-stream.ts";
import { until } from "../support/node-clock.ts";
import { consume, key } from "../support/quota-builders.ts";
import { rowsOf, storeContract } from "../support/store-contract.ts";

const { contract } = storeContract();
const shards = 64;

/** A line to NATS that the test silences. */
function lineOf() {
  return { isHeard: true, ask: () => undefined };
}

/** The open writer of a node. */
async function writerOf(database: Database, node: string): Promise<unknown> {
  const text = "select max(writer_id) as id from writers where node = $1 and closed_at is null";
  return (await rowsOf(database, text, [node]))[0]?.["id"];
}

/** What a node says of its line. */
async function saidOf(database: Database, node: string): Promise<unknown> {
  const rows = await rowsOf(
    database,
    `select reachable from leases join writers using (writer_id) where node = $1 and closed_at is null`,
    [node],
  );
  return rows[0]?.["reachable"];
}

contract(
  "a node that NATS does not reach loses its shards to those it reaches, and comes back as another writer",
  async (t, database) => {
    const cluster = new Cluster(database, shards);
    const lines = [lineOf(), lineOf(), lineOf()] as const;
    const [a, b] = [await cluster.join("a", lines[0]), await cluster.join("b", lines[1])];
    await cluster.join("c", lines[2]);
    await cluster.untilOwned({ a: 22, b: 21, c: 21 });
    const load = stream(cluster, "C");
    await load.untilTaken(100);
    const writer = await writerOf(database, "a");

    lines[0].isHeard = false;
    await until("it says so", async () => (await saidOf(database, "a")) === false);
    t.is(await writerOf(database, "a"), writer, "it is waited for");
    await cluster.waitForReach();
    await cluster.untilOwned({ a: 0, b: 32, c: 32 });
    await load.untilTaken(100);
    await until("it does not begin", () => /not reached from here/.test(a.node.trouble ?? ""));
    t.false(a.node.ready);
    t.is(await writerOf(database, "a"), null);

    lines[0].isHeard = true;
    await cluster.untilOwned({ a: 22, b: 21, c: 21 });
    await load.untilTaken(100);
    await load.end();

    t.not(await writerOf(database, "a"), writer);
    t.deepEqual(load.failed, []);
    t.deepEqual(b.faults, []);
    const taken = BigInt(load.taken());
    t.deepEqual(await counted(database), [taken, taken, taken]);
  },
);

contract("where NATS reaches no node, none loses anything, and one begins", async (t, database) => {
  const cluster = new Cluster(database, shards);
  const lines = [lineOf(), lineOf()] as const;
  const a = await cluster.join("a", lines[0]);
  await cluster.join("b", lines[1]);
  await cluster.untilOwned({ a: 32, b: 32 });
  const before = await cluster.owners();
  let looks = 0;
  a.meddle((statement, next) => {
    if (statement.name === "expired_writers") looks += 1;
    return next();
  });

  for (const line of lines) line.isHeard = false;
  for (const name of ["a", "b"]) {
    await until("it says so", async () => (await saidOf(database, name)) === false);
  }
  await cluster.waitForReach();
  const seen = looks;
  await until("it has looked", () => looks > seen + 3);

  t.deepEqual(await cluster.owners(), before);
  t.like(await cluster.ask({ ...consume("A-1", 1n), key: key() }), { kind: "accepted" });
  await cluster.join("c", { isHeard: false, ask: () => undefined });
  await cluster.untilOwned({ a: 22, b: 21, c: 21 });
});
