import test, { type ExecutionContext } from "ava";

import { WishRefused } from "../../../../shards/operators/checked.ts";
import {
  drain,
  move,
  pin,
  rebalance,
  undrain,
  unpin,
} from "../../../../shards/operators/change.ts";
import { spreadOf } from "../../../../shards/operators/layout.ts";
import { clusterOf, ownedBy } from "../../../support/cluster-layout.ts";
import { existing } from "../../../support/quota-builders.ts";

const nodes = ["a", "b", "c"];

function refusedBecause(t: ExecutionContext, ask: () => unknown, because: RegExp): void {
  t.throws(ask, { instanceOf: WishRefused, message: because });
}

test("what is not there is named together with what is", (t) => {
  const cluster = clusterOf({ nodes, shards: 16 });

  refusedBecause(t, () => pin(cluster, 16, "a"), /no shard 16: the shards are 0 to 15/);
  refusedBecause(t, () => move(cluster, 1, "d"), /no node d lives: those that live are a, b, c/);
  refusedBecause(t, () => unpin(cluster, 99), /0 to 15/);
  refusedBecause(t, () => drain(cluster, "d"), /those that live are a, b, c/);
  refusedBecause(t, () => undrain(clusterOf({ nodes: [], shards: 2 }), "a"), /none lives/);
});

test("a shard moves in exchange for another, and the plan keeps it", (t) => {
  const cluster = clusterOf({ nodes, shards: 16 });
  const shard = existing(ownedBy(cluster, "a")[0]);

  const { moves, outcome, release, isWished } = move(cluster, shard, "b");

  t.false(isWished);
  t.true(moves.some((each) => each.shard === shard && each.to === "b"));
  t.deepEqual(spreadOf(outcome), spreadOf(cluster));
  t.not(release, null);
});

test("a shard that is there already is not moved", (t) => {
  const cluster = clusterOf({ nodes, shards: 16 });

  const change = move(cluster, existing(ownedBy(cluster, "a")[0]), "a");

  t.like(change, { isWished: true, moves: [], release: null });
  t.true(change.stands(cluster));
});

test("a shard is not moved where the plan would not keep it, nor away from its pin, nor to a drained node", (t) => {
  const pins = Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((shard) => [shard, "b"]));
  const cluster = clusterOf({ nodes, shards: 16, pins });

  refusedBecause(t, () => move(cluster, 9, "b"), /would not keep shard 9 at b: pin it there/);
  refusedBecause(t, () => move(cluster, 0, "a"), /pinned to b: unpin it first/);
  const drained = clusterOf({ nodes, shards: 16, draining: ["c"] });
  refusedBecause(t, () => move(drained, 0, "c"), /shards drain c --undo/);
  refusedBecause(t, () => pin(drained, 0, "c"), /c is drained and takes nothing/);
});

test("a pin stands while its shard is where it is pinned to", (t) => {
  const before = clusterOf({ nodes, shards: 16 });
  const shard = existing(ownedBy(before, "a")[0]);
  const { stands, isWished } = pin(before, shard, "b");

  t.false(isWished);
  t.false(stands(before));
  t.true(stands(clusterOf({ nodes, shards: 16, pins: { [shard]: "b" } })));
  t.false(stands(clusterOf({ nodes: ["a", "c"], shards: 16, pins: { [shard]: "b" } })));
});

test("a node is not drained when nobody could take its shards", (t) => {
  refusedBecause(t, () => drain(clusterOf({ nodes: ["a"], shards: 4 }), "a"), /start one first/);
  refusedBecause(
    t,
    () => drain(clusterOf({ nodes, shards: 4, draining: ["b", "c"] }), "a"),
    /no other node lives that could take the shards of a/,
  );
});

test("a drain stands when the node is empty, and says which pins it will find again", (t) => {
  const pins = { 3: "b" };
  const before = clusterOf({ nodes, shards: 16, pins });
  const { stands, notes } = drain(before, "b");

  t.false(stands(before));
  t.true(stands(clusterOf({ nodes, shards: 16, pins, draining: ["b"] })));
  t.regex(notes.join(), /1 shard pinned to it will come back/);
});

test("rebalancing takes away no more pins than are in the way, and no more than it may", (t) => {
  const pins = Object.fromEntries(Array.from({ length: 10 }, (_, shard) => [shard, "a"]));
  const cluster = clusterOf({ nodes, shards: 12, pins });

  const all = rebalance(cluster, 16);
  const few = rebalance(cluster, 2);

  t.is(all.moves.length, 6);
  t.deepEqual(Object.fromEntries(spreadOf(all.outcome)), { a: 4, b: 4, c: 4 });
  t.is(few.moves.length, 2);
  t.regex(few.notes.join(), /4 more pins in the way: --max-moves is 2/);
  t.like(rebalance(clusterOf({ nodes, shards: 12 }), 16), { isWished: true, moves: [] });
});
