/** Of the time that a request has: how long a burst may make it wait. It leaves time to be served and answered. */
const burstShare = 1 / 4;
/** … and how long a line that does not end may. */
const standingShare = 1 / 20;

/**
 * Tells a burst, which passes if it is let wait, from a load that is more than can be done, where whoever is let in only
 * makes all the others wait longer. The sign is the rule of CoDel (RFC 8289), in the form that servers use: a line that
 * has come to its end a moment ago may become long; one that has not stands, and is kept short.
 */
export class Congestion {
  readonly #burstMs: number;
  readonly #standingMs: number;
  #clearedMs = -Infinity;

  /** @param requestTimeoutMs the time that a request has */
  constructor(requestTimeoutMs: number) {
    this.#burstMs = requestTimeoutMs * burstShare;
    this.#standingMs = requestTimeoutMs * standingShare;
  }

  /** Nobody waits. */
  cleared(nowMs: number): void {
    this.#clearedMs = nowMs;
  }

  /** @param waitedMs by who has waited longest */
  isTooLong(waitedMs: number, nowMs: number): boolean {
    const stands = nowMs - this.#clearedMs > this.#burstMs;
    return waitedMs > (stands ? this.#standingMs : this.#burstMs);
  }
}
