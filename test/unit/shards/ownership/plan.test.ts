import test from "ava";
import fc from "fast-check";

import {
  type Plan,
  type PlannedNode,
  type PlannedShard,
  planOf,
} from "../../../../shards/ownership/plan.ts";

const shardCount = 256;
const free = shardsOf(() => null);

function nodesOf(...names: readonly string[]): readonly PlannedNode[] {
  return names.map((name) => ({ name, draining: false }));
}

function named(count: number): readonly PlannedNode[] {
  return nodesOf(...Array.from({ length: count }, (_, n) => `quota-shard-${n}`));
}

function shardsOf(owner: (shard: number) => string | null, count = shardCount) {
  return Array.from({ length: count }, (_, shard) => ({
    shard,
    owner: owner(shard),
    pinnedTo: null,
  }));
}

/** The shards once everything is where the plan wants it. */
function settled(nodes: readonly PlannedNode[], shards: readonly PlannedShard[]) {
  const plan = planOf(nodes, shards);
  return shards.map((each) => ({ ...each, owner: plan.get(each.shard) ?? null }));
}

function countsOf(shards: readonly PlannedShard[]): readonly number[] {
  const counts = new Map<string | null, number>();
  for (const { owner } of shards) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return [...counts.values()];
}

function movedBy(plan: Plan, shards: readonly PlannedShard[]): readonly PlannedShard[] {
  return shards.filter(({ shard, owner }) => plan.get(shard) !== owner);
}

test("shards are spread evenly over two to eight nodes", (t) => {
  for (let count = 2; count <= 8; count++) {
    const counts = countsOf(settled(named(count), free));

    t.is(counts.length, count);
    t.true(Math.max(...counts) <= Math.ceil(shardCount / count));
    t.true(Math.min(...counts) >= Math.floor(shardCount / count));
  }
});

test("a node that joins gets its share, and nothing else moves", (t) => {
  for (let count = 1; count <= 8; count++) {
    const before = settled(named(count), free);
    const plan = planOf(named(count + 1), before);
    const moved = movedBy(plan, before);

    t.deepEqual(
      new Set(moved.map(({ shard }) => plan.get(shard))),
      new Set([`quota-shard-${count}`]),
    );
    t.is(moved.length, Math.floor(shardCount / (count + 1)), `${count} nodes and one`);
  }
});

test("two nodes that give to a third need not know how far the other is", (t) => {
  const before = settled(nodesOf("a", "b"), free);
  const nodes = nodesOf("a", "b", "c");
  const plan = planOf(nodes, before);

  for (const first of ["a", "b"]) {
    const half = before.map((each) =>
      each.owner === first ? { ...each, owner: plan.get(each.shard) ?? null } : each,
    );
    t.deepEqual([...planOf(nodes, half)].sort(byShard), [...plan].sort(byShard));
  }
});

test("a node that leaves moves only what it owned, and to all others", (t) => {
  const before = settled(named(4), free);
  const left = before.map((each) => ({
    ...each,
    owner: each.owner === "quota-shard-1" ? null : each.owner,
  }));
  const plan = planOf(
    named(4).filter(({ name }) => name !== "quota-shard-1"),
    left,
  );
  const moved = movedBy(plan, left);

  t.is(moved.length, shardCount / 4);
  t.is(new Set(moved.map(({ shard }) => plan.get(shard))).size, 3);
});

test("a pinned shard is where it is pinned to, while that node lives", (t) => {
  const pinned = free.map((each) => ({ ...each, pinnedTo: each.shard < 100 ? "a" : null }));
  const with3 = settled(nodesOf("a", "b", "c"), pinned);
  const without = settled(nodesOf("b", "c"), with3);

  t.deepEqual(
    with3.filter(({ owner }) => owner === "a").map(({ shard }) => shard),
    Array.from({ length: 100 }, (_, n) => n),
  );
  t.deepEqual(countsOf(with3.slice(100)), [78, 78]);
  t.deepEqual(countsOf(without), [128, 128]);
});

test("a node that is to be emptied owns nothing while another lives, not even what is pinned to it", (t) => {
  const pinned = free.map((each) => ({ ...each, owner: "a", pinnedTo: "a" }));
  const draining = { name: "a", draining: true };

  t.deepEqual(new Set(planOf([draining, ...nodesOf("b")], pinned).values()), new Set(["b"]));
  t.deepEqual(new Set(planOf([draining], pinned).values()), new Set(["a"]));
});

test("where all nodes are to be emptied, each keeps what it has", (t) => {
  const before = settled(named(3), free);
  const draining = named(3).map((node) => ({ ...node, draining: true }));

  t.deepEqual(movedBy(planOf(draining, before), before), []);
});

test("nobody lives: there is no plan", (t) => {
  t.is(planOf([], free).size, 0);
});

const anyName = fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h");
const anyNodes = fc.uniqueArray(fc.record({ name: anyName, draining: fc.boolean() }), {
  minLength: 1,
  selector: ({ name }) => name,
});
const anyOwner = fc.option(anyName, { freq: 3 });
const anyShards = fc
  .array(fc.record({ owner: anyOwner, pinnedTo: fc.option(anyName, { freq: 1 }) }), {
    minLength: 1,
    maxLength: 64,
  })
  .map((rows) => rows.map((row, shard) => ({ shard, ...row })));

test("any cluster: all shards are planned, to whom they may go, and evenly", (t) => {
  fc.assert(
    fc.property(anyNodes, anyShards, (nodes, shards) => {
      const plan = planOf(nodes, shards);
      const stable = nodes.filter(({ draining }) => !draining);
      const able = new Set<string>((stable.length > 0 ? stable : nodes).map(({ name }) => name));
      const pinned = shards.filter(({ pinnedTo }) => pinnedTo !== null && able.has(pinnedTo));
      t.is(plan.size, shards.length);
      for (const { shard, pinnedTo } of pinned) t.is(plan.get(shard), pinnedTo ?? undefined);
      for (const name of plan.values()) t.true(able.has(name));
      const loads = [...able].map((name) => [...plan.values()].filter((to) => to === name).length);
      const loose = shards.filter((each) => !pinned.includes(each));
      const takers = new Set(loose.map(({ shard }) => plan.get(shard)));
      for (const [n, name] of [...able].entries()) {
        if (takers.has(name)) t.true((loads[n] ?? 0) <= Math.min(...loads) + 1);
      }
    }),
  );
});

test("any cluster: the order of the rows decides nothing, and what is settled stays", (t) => {
  fc.assert(
    fc.property(anyNodes, anyShards, (nodes, shards) => {
      const plan = planOf(nodes, shards);
      const reversed = planOf([...nodes].reverse(), [...shards].reverse());
      t.deepEqual(new Map([...reversed].sort(byShard)), new Map([...plan].sort(byShard)));
      const after = settled(nodes, shards);
      t.deepEqual(movedBy(planOf(nodes, after), after), []);
    }),
  );
});

test("any cluster: moved in any steps, it comes to rest, and no step moves a shard away from its place", (t) => {
  fc.assert(
    fc.property(anyNodes, anyShards, fc.integer({ min: 1, max: 9 }), (nodes, shards, atOnce) => {
      let now: readonly PlannedShard[] = shards;
      let rounds = 0;
      for (;;) {
        const plan = planOf(nodes, now);
        const moving = new Set(
          movedBy(plan, now)
            .slice(0, atOnce)
            .map(({ shard }) => shard),
        );
        if (moving.size === 0) break;
        rounds += 1;
        now = now.map((each) =>
          moving.has(each.shard) ? { ...each, owner: plan.get(each.shard) ?? null } : each,
        );
        if (rounds > shards.length) break;
      }
      t.true(rounds <= Math.ceil(shards.length / atOnce) + 1);
    }),
  );
});

function byShard(one: readonly [number, string], other: readonly [number, string]): number {
  return one[0] - other[0];
}
