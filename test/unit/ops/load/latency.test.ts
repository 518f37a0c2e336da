import test from "ava";

import { Latency } from "../../../../ops/load/latency.ts";

test("the slow tail of many fast answers is not averaged away", (t) => {
  const latency = new Latency();
  for (let i = 0; i < 990; i += 1) latency.record(2);
  for (let i = 0; i < 10; i += 1) latency.record(500);

  const { count, p50, p99, p999, max } = latency.summary();

  t.is(count, 1_000);
  t.is(p50, 2);
  t.is(p99, 2);
  t.true(Math.abs(p999 - 500) < 1);
  t.true(Math.abs(max - 500) < 1);
});

test("a latency of nothing is no number; one over ten minutes is ten minutes", (t) => {
  const latency = new Latency();
  t.is(latency.at(50), Number.NaN);

  latency.record(3_600_000);
  t.true(Math.abs(latency.at(100) - 600_000) < 1_000);

  latency.clear();
  t.is(latency.summary().max, Number.NaN);
});
