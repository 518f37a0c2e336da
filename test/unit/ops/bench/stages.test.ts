import test from "ava";

import { collectedSecondsIn, quantileIn, stagesBetween } from "../../../../ops/bench/stages.ts";

const name = "quota_journal_commit_seconds";

function histogram(of: string, counts: readonly [number, number, number], sum: number): string {
  const [one, two, all] = counts;
  return [
    `${of}_bucket{le="0.001"} ${one}`,
    `${of}_bucket{le="0.002"} ${two}`,
    `${of}_bucket{le="+Inf"} ${all}`,
    `${of}_sum ${sum}`,
    `${of}_count ${all}`,
    "",
  ].join("\n");
}

test("a quantile is of what came in between, even within its bucket", (t) => {
  const before = histogram(name, [90, 90, 90], 0.01);
  const after = histogram(name, [92, 100, 100], 0.02);

  // Of ten, two took up to 1 ms and eight up to 2: the fifth is three eighths into the second bucket.
  t.is(quantileIn(name, 0.5, { before, after }).toFixed(6), "0.001375");
  t.is(quantileIn(name, 0.1, { before, after }).toFixed(6), "0.000500");
});

test("what is over every bound is told as the highest", (t) => {
  const texts = { before: histogram(name, [0, 0, 0], 0), after: histogram(name, [0, 0, 4], 9) };

  t.is(quantileIn(name, 0.5, texts), 0.002);
});

test("the averages of the stages are of what came in between", (t) => {
  const texts = [0, 1].map((round) =>
    ["queue_wait", "turns", "journal_wait", "journal_commit", "checkpoint"]
      .map((part, n) => histogram(`quota_${part}_seconds`, [0, 0, 4 * round], 0.004 * round * n))
      .join(""),
  );

  t.deepEqual(stagesBetween(texts[0] ?? "", texts[1] ?? ""), {
    ...{ queueMs: 0, turnsMs: 1, journalMs: 2, commitMs: 3, checkpointMs: 4 },
  });
});

test("the collector's time is that of all its kinds", (t) => {
  const text = [
    'nodejs_gc_duration_seconds_sum{kind="minor"} 0.25',
    'nodejs_gc_duration_seconds_count{kind="minor"} 40',
    'nodejs_gc_duration_seconds_sum{kind="major"} 0.5',
  ].join("\n");

  t.is(collectedSecondsIn(text), 0.75);
});
