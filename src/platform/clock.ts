import { type Instant, instant } from "../domain/instant.ts";

export type Cancel = () => void;

/** The only source of time. Tests and the simulation give another. */
export interface Clock {
  /** Wall time, for facts and periods. */
  now(): Instant;
  /** Monotonic milliseconds from an arbitrary start, for leases, deadlines and measurements. */
  elapsedMs(): number;
  /** Runs once after the delay; the timer alone does not keep the process alive. */
  after(delayMs: number, run: () => void): Cancel;
  /** Runs once what has arrived at this moment is read: gathers the requests of one event-loop turn. */
  soon(run: () => void): void;
}

export const systemClock: Clock = {
  now: () => instant(Date.now()),
  elapsedMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
  soon: (run) => {
    setImmediate(run);
  },
};
