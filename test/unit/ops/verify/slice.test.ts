import test from "ava";

import { cut, sliceEntriesMax } from "../../../../ops/verify/slice.ts";

const many = sliceEntriesMax;

test("shards with few entries are verified together", (t) => {
  const counted = [
    { shard: 1, entries: 10 },
    { shard: 6, entries: 20 },
  ];

  t.deepEqual(cut(counted, 0, 7), [{ from: 0, to: 7, entries: 30 }]);
  t.deepEqual(cut([], 0, 7), [{ from: 0, to: 7, entries: 0 }]);
});

test("a slice ends with the shard that fills it, and no shard is left out", (t) => {
  const counted = [
    { shard: 1, entries: many - 1 },
    { shard: 2, entries: 1 },
    { shard: 5, entries: many },
    { shard: 6, entries: 3 },
  ];

  t.deepEqual(cut(counted, 0, 7), [
    { from: 0, to: 2, entries: many },
    { from: 3, to: 5, entries: many },
    { from: 6, to: 7, entries: 3 },
  ]);
});

test("a verification that goes on leaves out the shards before", (t) => {
  const counted = [
    { shard: 1, entries: many },
    { shard: 5, entries: 4 },
  ];

  t.deepEqual(cut(counted, 2, 7), [{ from: 2, to: 7, entries: 4 }]);
});

test("a last shard that fills a slice ends the last slice", (t) => {
  t.deepEqual(cut([{ shard: 7, entries: many }], 0, 7), [{ from: 0, to: 7, entries: many }]);
});
