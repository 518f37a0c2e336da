import { clusterHealth, worstOf } from "../../ops/commands/cluster-health.ts";
import { listNodes } from "../../ops/commands/node-list.ts";
import { nodesTable } from "../../ops/commands/node-table.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { existing } from "../support/quota-builders.ts";
import { until } from "../support/node-clock.ts";
import { rowsOf } from "../support/store-contract.ts";
import { onClusters } from "../support/operator-harness.ts";

const onCluster = onClusters();

onCluster(
  "nodes that cannot be asked from here are judged by their leases, and one that went is named",
  ["a", "b"],
  async (t, { cluster, database, config }) => {
    const before = await clusterHealth(config, database, systemClock);
    t.is(worstOf(before), "degraded");
    t.deepEqual(
      before.map(({ name, state }) => [name, state]),
      [
        ["postgres", "up"],
        ["nats", "up"],
        ["redis", "up"],
        ["shards", "up"],
        ["node a", "degraded"],
        ["node b", "degraded"],
      ],
    );
    t.regex(existing(before.at(-1)).detail, /^its lease lives with 6 shards; here does not answer/);

    await existing(cluster.nodes[1]).node.stop();
    const after = await clusterHealth(config, database, systemClock);

    t.regex(existing(after.at(-1)).detail, /^gone since .*: stopped, or lost and recovered$/);
    t.like(
      after.find(({ name }) => name === "shards"),
      { state: "up" },
    );
    await cluster.join("b");
    await until("it is there again", async () => {
      const { detail } = existing((await clusterHealth(config, database, systemClock)).at(-1));
      return detail.startsWith("its lease lives");
    });
  },
);

onCluster("a node that NATS does not reach is named", ["a"], async (t, opened) => {
  const { cluster, database, config } = opened;
  await cluster.join("b", { isHeard: false, ask: () => undefined });

  const parts = await clusterHealth(config, database, systemClock);
  const nodes = await listNodes(database.reads);

  t.like(
    parts.find(({ name }) => name === "node b"),
    {
      state: "degraded",
      detail: "NATS does not reach it: others take its shards, where it reaches any",
    },
  );
  t.deepEqual(
    nodes.map(({ name, reachable }) => [name, reachable]),
    [
      ["a", null],
      ["b", false],
    ],
  );
  t.regex(nodesTable(nodes), /^.*\bb\b.*silent/m);
});

onCluster(
  "what keeps callers from being served is down, what they do not notice is not",
  ["a"],
  async (t, { cluster, database, config }) => {
    const nobody = { host: "127.0.0.1", port: 1, password: null };
    const away = {
      ...config,
      neighbours: {
        ...config.neighbours,
        redis: nobody,
        nats: { servers: ["nats://127.0.0.1:1"] },
      },
    };

    existing(cluster.nodes[0]).kill();
    await rowsOf(database, "update leases set lease_until = now() - interval '1 second'");
    const [, nats, redis, owners, node] = await clusterHealth(away, database, systemClock);

    t.like(nats, { name: "nats", state: "down" });
    t.like(redis, { name: "redis", state: "degraded" });
    t.like(owners, { state: "down", detail: "0-11: without an owner who lives" });
    t.like(node, { state: "degraded", detail: "its lease has passed: others recover its writer" });
  },
);
