/** Averages of what a call passes through in its owner, milliseconds. */
export interface Stages {
  readonly queueMs: number;
  readonly turnsMs: number;
  readonly journalMs: number;
  readonly commitMs: number;
  readonly checkpointMs: number;
}

/** @param before text of /metrics @param after the same, later */
export function stagesBetween(before: string, after: string): Stages {
  const averageMs = (name: string): number => {
    const more = (part: string): number =>
      valueIn(after, `${name}_${part}`) - valueIn(before, `${name}_${part}`);
    return (more("sum") * 1_000) / more("count");
  };
  return {
    queueMs: averageMs("quota_queue_wait_seconds"),
    turnsMs: averageMs("quota_turns_seconds"),
    journalMs: averageMs("quota_journal_wait_seconds"),
    commitMs: averageMs("quota_journal_commit_seconds"),
    checkpointMs: averageMs("quota_checkpoint_seconds"),
  };
}

/** The median of what a histogram has seen between two texts, as Prometheus reckons it: even within a bucket. */
export function medianIn(name: string, before: string, after: string): number {
  const earlier = bucketsIn(before, name);
  const buckets = bucketsIn(after, name).map(
    ([bound, count], n) => [bound, count - (earlier[n]?.[1] ?? 0)] as const,
  );
  const half = (buckets.at(-1)?.[1] ?? 0) / 2;
  let lower = 0;
  let below = 0;
  for (const [bound, count] of buckets) {
    if (count >= half && count > below) {
      return Number.isFinite(bound)
        ? lower + ((half - below) / (count - below)) * (bound - lower)
        : lower;
    }
    lower = bound;
    below = count;
  }
  return Number.NaN;
}

/** A counter, gauge or part of a histogram without labels. @throws Error when it is not shown */
export function valueIn(text: string, name: string): number {
  const value = new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1];
  if (value === undefined) throw new Error(`/metrics does not show ${name}`);
  return Number(value);
}

function bucketsIn(
  text: string,
  name: string,
): readonly (readonly [bound: number, count: number])[] {
  const lines = text.matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\S+)$`, "gm"));
  return [...lines].map(([, bound, count]) => [
    bound === "+Inf" ? Infinity : Number(bound),
    Number(count),
  ]);
}
