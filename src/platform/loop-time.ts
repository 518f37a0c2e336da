import type { Clock } from "./clock.ts";

/**
 * The monotonic time in ms, the same for all that happens in one turn of the event loop: what arrives in one turn has
 * waited for nothing yet, however long the turn takes.
 */
export function loopTime(clock: Clock): () => number {
  let beganMs: number | null = null;
  return () => {
    if (beganMs === null) {
      beganMs = clock.elapsedMs();
      clock.soon(() => {
        beganMs = null;
      });
    }
    return beganMs;
  };
}
