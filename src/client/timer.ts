/** What the client needs of time. */
export interface ClientTimer {
  /** Milliseconds since 1970-01-01T00:00:00Z, for the deadline that a request carries. */
  now(): number;
  /** Monotonic milliseconds from an arbitrary start. */
  elapsedMs(): number;
  /** Runs once after the delay, unless it is cancelled before. */
  after(delayMs: number, run: () => void): () => void;
}

/**
 * The time of the process that uses the client. Unlike the service's own Clock its timers keep the process alive: a
 * script that waits for nothing but its next try must not end there.
 */
export const processTimer: ClientTimer = {
  now: () => Date.now(),
  elapsedMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
