import { LRUCache } from "lru-cache";

import type { Clock } from "../platform/clock.ts";

/** Who asked lately; then the longest silent is forgotten, and begins anew. */
const rememberedMax = 10_000;
const secondMs = 1_000;

/** So many a second for each who asks; who was silent for a second may ask all of them at once (GCRA, as a number each). */
export class Rate {
  readonly #clock: Clock;
  readonly #gapMs: number;
  /** When the next would be due if all came evenly. */
  readonly #dues = new LRUCache<string, { atMs: number }>({ max: rememberedMax });

  constructor(perSecond: number, clock: Clock) {
    this.#gapMs = secondMs / perSecond;
    this.#clock = clock;
  }

  /** Counts one more. @returns 0 = it may go on; else in how many milliseconds it might, and it is not counted */
  take(who: string): number {
    const nowMs = this.#clock.elapsedMs();
    let due = this.#dues.get(who);
    if (due === undefined) {
      due = { atMs: nowMs };
      this.#dues.set(who, due);
    }
    const waitMs = this.#waitMs(due.atMs, nowMs);
    if (waitMs === 0) due.atMs = Math.max(due.atMs, nowMs) + this.#gapMs;
    return waitMs;
  }

  /** The same without counting. */
  wait(who: string): number {
    const due = this.#dues.get(who);
    return due === undefined ? 0 : this.#waitMs(due.atMs, this.#clock.elapsedMs());
  }

  #waitMs(dueMs: number, nowMs: number): number {
    return Math.max(0, dueMs - nowMs - (secondMs - this.#gapMs));
  }
}
