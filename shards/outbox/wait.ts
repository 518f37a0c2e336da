import { instant, type Instant } from "../../src/domain/instant.ts";

/** Waits double from the first to the longest, each a fifth longer or shorter by chance. */
const firstMs = 5_000;
const longestMs = 3_600_000;
const jitterShare = 0.2;

/**
 * When a delivery that failed is tried again: the wait grows with the tries, and is as long as the target asked for if
 * that is longer, but never over an hour. The last try is made when the time is up.
 * @param options.tries made so far, 1 or more
 * @param options.random 0 … 1, exclusive
 * @returns null = the time is up, nobody tries again
 */
export function nextTry(options: {
  readonly tries: number;
  readonly now: Instant;
  readonly giveUpAt: Instant;
  readonly retryAfterMs: number | null;
  readonly random: number;
}): Instant | null {
  const { tries, now, giveUpAt, retryAfterMs, random } = options;
  if (now >= giveUpAt) return null;
  const grownMs = Math.min(firstMs * 2 ** (tries - 1), longestMs);
  const chance = 1 + jitterShare * (2 * random - 1);
  const askedMs = Math.min(retryAfterMs ?? 0, longestMs);
  const waitMs = Math.max(Math.round(grownMs * chance), askedMs);
  return instant(Math.min(now + waitMs, giveUpAt));
}
