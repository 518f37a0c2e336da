import { type Instant, instant } from "../../src/domain/instant.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { midday } from "./quota-builders.ts";
import { settled } from "./fake-session.ts";

/** A clock that stands until the test moves it. */
export interface FakeClock extends Clock {
  /** Moves on, running each timer at its time. */
  advance(byMs: number): Promise<void>;
  readonly timers: number;
}

export function fakeClock(beginsAt: Instant = midday): FakeClock {
  let elapsedMs = 0;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    now: () => instant(beginsAt + elapsedMs),
    elapsedMs: () => elapsedMs,
    after: (delayMs, run) => {
      const timer = { atMs: elapsedMs + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    soon: (run) => {
      setImmediate(run);
    },
    advance: async (byMs) => {
      const untilMs = elapsedMs + byMs;
      for (;;) {
        const due = timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (!due) break;
        timers = timers.filter((each) => each !== due);
        elapsedMs = Math.max(elapsedMs, due.atMs);
        due.run();
        await settled();
      }
      elapsedMs = untilMs;
      await settled();
    },
    get timers() {
      return timers.length;
    },
  };
}
