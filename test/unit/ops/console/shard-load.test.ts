import test from "ava";

import { handOversOf, loadsOf, rangesText, waysOf } from "../../../../ops/console/shard-load.ts";

const shard = (of: object) => ({
  ...{ shard: 0, node: "a", epoch: 1, pinned_node: null, keys: 1, changes: 100 },
  ...of,
});
const look = (at: string, ...shards: ReturnType<typeof shard>[]) => ({ at, nodes: [], shards });

test("the load of a shard is what its keys changed between two looks, a second", (t) => {
  const before = look("2026-11-22T12:00:00Z", shard({}), shard({ shard: 1 }));
  const now = look("2026-11-22T12:00:05Z", shard({ changes: 150 }), shard({ shard: 1 }));

  t.deepEqual(
    [...loadsOf(before, now)],
    [
      [0, 10],
      [1, 0],
    ],
  );
  t.deepEqual([...loadsOf(now, now).values()], [0, 0]);
});

test("a shard that has another owner, or the same one anew, was handed over", (t) => {
  const before = look("2026-11-22T12:00:00Z", shard({}), shard({ shard: 1 }), shard({ shard: 2 }));
  const at = "2026-11-22T12:00:05Z";
  const now = look(
    at,
    shard({ node: "b", epoch: 2 }),
    shard({ shard: 1, epoch: 2 }),
    shard({ shard: 2, changes: 101 }),
  );

  t.deepEqual(handOversOf(before, now), [
    { shard: 0, epoch: 2, from: "a", to: "b", at },
    { shard: 1, epoch: 2, from: "a", to: "a", at },
  ]);
});

test("moves are told by the way that they go, and shards in ranges", (t) => {
  const ways = waysOf([
    { shard: 0, from: "a", to: "b" },
    { shard: 1, from: null, to: "b" },
    { shard: 2, from: "a", to: "b" },
    { shard: 3, from: "a", to: "b" },
  ]);

  t.deepEqual(ways, [
    { from: "a", to: "b", shards: [0, 2, 3] },
    { from: null, to: "b", shards: [1] },
  ]);
  t.is(rangesText([0, 2, 3, 4, 9]), "0, 2–4, 9");
});
