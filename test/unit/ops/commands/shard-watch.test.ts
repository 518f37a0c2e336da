import test from "ava";

import { eventsBetween, eventText } from "../../../../ops/commands/shard-watch.ts";
import { shardsOf } from "../../../../ops/commands/shard-list.ts";
import type { Cluster } from "../../../../shards/ownership/cluster.ts";
import { clusterOf } from "../../../support/cluster-layout.ts";

function seen(cluster: Cluster) {
  return { cluster, nodes: [], shards: shardsOf(cluster, []) };
}

function linesBetween(before: Cluster, after: Cluster): readonly string[] {
  return eventsBetween(seen(before), seen(after)).map(eventText);
}

test("an operator who watches is told what changed, and nothing of what did not", (t) => {
  const before = clusterOf({ nodes: ["a", "b"], shards: 2, pins: { 0: "a", 1: "b" } });
  const [a, b] = before.nodes;
  const [first, second] = before.shards;
  if (!a || !b || !first || !second) throw new Error("two of each were made");
  const moved = { ...first, writerId: 2n, owner: "b", epoch: 2n, pinnedTo: "b" };

  t.deepEqual(linesBetween(before, before), []);
  t.deepEqual(linesBetween(before, { ...before, shards: [moved, second] }), [
    "shard 0: a → b, epoch 2",
    "shard 0: pinned to b",
  ]);
  t.deepEqual(linesBetween(before, { ...before, nodes: [a, { ...b, draining: true }] }), [
    "node b is drained",
  ]);
  t.deepEqual(linesBetween(before, { ...before, nodes: [a, { ...b, writerId: 9n }] }), [
    "node b began anew, with another writer",
  ]);
});

test("a node that goes leaves its shards to nobody, and its successor is seen", (t) => {
  const before = clusterOf({ nodes: ["a", "b"], shards: 1, pins: { 0: "b" } });
  const after = {
    nodes: before.nodes.filter(({ name }) => name === "a"),
    shards: before.shards.map((each) => ({ ...each, writerId: null, owner: null })),
  };

  t.deepEqual(linesBetween(before, after), ["node b is gone", "shard 0: b → nobody, epoch 1"]);
  t.deepEqual(linesBetween(after, before), ["node b lives", "shard 0: nobody → b, epoch 1"]);
});
