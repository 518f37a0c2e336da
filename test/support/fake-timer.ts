import type { Clock } from "../../src/platform/clock.ts";
import type { JobLock } from "../../src/platform/lock.ts";
import type { Timer } from "../../src/platform/timer.ts";

/** Dates of a clock that the test moves. */
export function fakeTimer(clock: Clock): Timer {
  return { at: (when, run) => clock.after(Math.max(when - clock.now(), 0), run) };
}

/** A lock that nobody else wants. */
export const freeLock: JobLock = {
  hold: async (_, run) => {
    await run(new AbortController().signal);
    return true;
  },
};
