import test from "ava";

import { doubtsIn } from "../../../../ops/bench/report.ts";
import { isMet, ratioRows, type Result } from "../../../../ops/bench/result.ts";

function result(name: string, perSecond: readonly number[], doubt: string | null = null): Result {
  const samples = perSecond.map((value) => ({
    ...{ operations: 1, perSecond: value, p50Ms: null, p99Ms: null, doubt, details: {} },
  }));
  return { name, what: name, samples };
}

test("a ratio is taken within each round, so that a round on a busy machine counts as any other", (t) => {
  const [row, ...others] = ratioRows([
    result("http-hot", [8_000, 900, 8_100]),
    result("postgres-hot", [1_000, 100, 1_000]),
  ]);

  t.deepEqual(others, []);
  t.deepEqual(row?.figure, { median: 8.1, least: 8, most: 9 });
  t.true(row !== undefined && isMet(row));
});

test("what is measured once is held against every round of the other", (t) => {
  const rows = ratioRows([
    result("nats-500-sustained", [20_000]),
    result("postgres-spread", [5_000, 4_000, 10_000]),
  ]);

  t.deepEqual(
    rows.map(({ figure }) => figure),
    [{ median: 4, least: 2, most: 5 }],
  );
  t.false(rows.some(isMet));
});

test("a ratio of which one side was not measured is no row", (t) => {
  t.deepEqual(ratioRows([result("http-hot", [8_000])]), []);
});

test("a sample that is not proven is named, and so is what could not be measured", (t) => {
  const results = [result("live", [1]), result("redis", [1], "3 calls for 4")];

  t.deepEqual(doubtsIn({ results, rows: [], troubles: ["nodes: not shared"] }), [
    "NOT PROVEN: redis: 3 calls for 4",
    "NOT MEASURED: nodes: not shared",
  ]);
});
