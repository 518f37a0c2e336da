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

/**
 * What a share of the values of a histogram between two texts does not pass, as Prometheus reckons it: even within a
 * bucket.
 * @param share 0.5 = the median
 */
export function quantileIn(
  name: string,
  share: number,
  { before, after }: { readonly before: string; readonly after: string },
): number {
  const earlier = bucketsIn(before, name);
  const buckets = bucketsIn(after, name).map(
    ([bound, count], n) => [bound, count - (earlier[n]?.[1] ?? 0)] as const,
  );
  const wanted = (buckets.at(-1)?.[1] ?? 0) * share;
  let lower = 0;
  let below = 0;
  for (const [bound, count] of buckets) {
    if (count >= wanted && count > below) {
      return Number.isFinite(bound)
        ? lower + ((wanted - below) / (count - below)) * (bound - lower)
        : lower;
    }
    lower = bound;
    below = count;
  }
  return Number.NaN;
}

/** Seconds that the garbage collector has held the process up for. */
export function collectedSecondsIn(text: string): number {
  const sums = text.matchAll(/^nodejs_gc_duration_seconds_sum\{[^}]*\} (\S+)$/gm);
  return [...sums].reduce((total, [, seconds]) => total + Number(seconds), 0);
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
