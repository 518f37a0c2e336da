import test from "ava";
import fc from "fast-check";

import {
  atRest,
  movesOf,
  pinsInTheWay,
  spreadOf,
  withDraining,
  withPins,
} from "../../../../shards/operators/layout.ts";
import { clusterOf, ownedBy } from "../../../support/cluster-layout.ts";

const nodes = ["a", "b", "c"];

test("a cluster at rest has nothing to move, and draining a node moves its shards alone", (t) => {
  const cluster = clusterOf({ nodes, shards: 64 });
  t.deepEqual(movesOf(cluster), []);

  const drained = withDraining(cluster, "b", true);

  const moves = movesOf(drained);
  t.deepEqual(
    moves.map(({ shard }) => shard),
    ownedBy(cluster, "b"),
  );
  t.true(moves.every(({ from, to }) => from === "b" && to !== "b"));
  t.deepEqual(Object.fromEntries(spreadOf(atRest(drained))), { a: 32, b: 0, c: 32 });
});

test("a shard that nobody owns is to be somebody's", (t) => {
  const { nodes: living, shards } = clusterOf({ nodes, shards: 6 });
  const freed = shards.map((each) => (each.shard === 4 ? { ...each, owner: null } : each));

  const [move, ...others] = movesOf({ nodes: living, shards: freed });

  t.like(move, { shard: 4, from: null, to: shards[4]?.owner });
  t.deepEqual(others, []);
});

test("pins within a node's share are in nobody's way", (t) => {
  const pins = { 0: "a", 1: "a", 2: "a", 3: "a", 4: "b" };

  t.deepEqual(pinsInTheWay(clusterOf({ nodes, shards: 12, pins })), []);
});

test("of too many pins the surplus is in the way; those of nodes that take nothing are not", (t) => {
  const pins = Object.fromEntries(Array.from({ length: 9 }, (_, shard) => [shard, "a"]));

  t.is(pinsInTheWay(clusterOf({ nodes, shards: 12, pins })).length, 5);
  t.deepEqual(pinsInTheWay(clusterOf({ nodes, shards: 12, pins, draining: ["a"] })), []);
  t.deepEqual(pinsInTheWay(clusterOf({ nodes: ["b", "c"], shards: 12, pins })), []);
});

test("without the pins that are in the way any cluster comes to be even, and no pin goes in vain", (t) => {
  const pinned = fc.dictionary(
    fc.nat(39).map((shard) => String(shard)),
    fc.constantFrom("a", "b", "c", "gone"),
  );
  fc.assert(
    fc.property(pinned, fc.integer({ min: 1, max: 40 }), (pins, shards) => {
      const cluster = clusterOf({ nodes, shards, pins });
      const inTheWay = pinsInTheWay(cluster);
      const unevenBy = (unpinned: readonly number[]): number => {
        const counts = [...spreadOf(atRest(withPins(cluster, unpinned, null))).values()];
        return Math.max(...counts) - Math.min(...counts);
      };

      t.true(unevenBy(inTheWay) <= 1);
      if (inTheWay.length > 0) t.true(unevenBy(inTheWay.slice(1)) > 1);
    }),
  );
});
