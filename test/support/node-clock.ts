import { type Instant, instant } from "../../src/domain/instant.ts";
import { type Clock, systemClock } from "../../src/platform/clock.ts";

/** How long a timer lasts at most: what a node does every second, it does here at once. */
const timerMaxMs = 20;

/** The system's clock in a hurry: time is real and may be moved, but nothing waits long. */
export interface HastyClock extends Clock {
  /** Moves the wall clock. */
  shift(byMs: number): void;
  /** Moves the monotonic clock on. */
  pass(byMs: number): void;
  /** No timer runs until `go`: no checkpoint, no renewal, no look for holds. */
  hold(): void;
  go(): void;
  readonly isHeld: boolean;
  die(): void;
}

/** @param beginsAt the wall time of its beginning */
export function hastyClock(beginsAt: Instant): HastyClock {
  let shiftMs = beginsAt - systemClock.now();
  let passedMs = 0;
  let dead = false;
  let held: (() => void)[] | null = null;
  const run = (due: () => void): void => {
    if (dead) return;
    if (held) held.push(due);
    else due();
  };
  return {
    now: () => instant(systemClock.now() + shiftMs),
    elapsedMs: () => systemClock.elapsedMs() + passedMs,
    after: (delayMs, due) => {
      let cancelled = false;
      const timer = setTimeout(
        () => {
          run(() => {
            if (!cancelled) due();
          });
        },
        Math.min(delayMs, timerMaxMs),
      );
      return () => {
        cancelled = true;
        clearTimeout(timer);
      };
    },
    soon: (due) => {
      setImmediate(() => {
        if (!dead) due();
      });
    },
    shift: (byMs) => {
      shiftMs += byMs;
    },
    pass: (byMs) => {
      passedMs += byMs;
    },
    hold: () => {
      held ??= [];
    },
    go: () => {
      const due = held ?? [];
      held = null;
      for (const each of due) each();
    },
    get isHeld() {
      return held !== null;
    },
    die: () => {
      dead = true;
    },
  };
}

/** Waits for what must come, however slow the machine; fails only when it does not come at all. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  maxMs = 30_000,
): Promise<void> {
  const startedMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedMs > maxMs) throw new Error(`it never came that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What waits at it goes on when it is opened. */
export class Gate {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}
