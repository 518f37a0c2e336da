import { Congestion } from "../src/platform/congestion.ts";

/** Who is still let in: as many as may wait, and nobody behind a line that stands. */
export class Door {
  readonly #waitingMax: number;
  readonly #congestion: Congestion;

  constructor(options: { readonly waitingMax: number; readonly requestTimeoutMs: number }) {
    this.#waitingMax = options.waitingMax;
    this.#congestion = new Congestion(options.requestTimeoutMs);
  }

  /**
   * @param unanswered requests that were let in
   * @param firstMs when the first in line came; undefined = nobody waits
   */
  isShut(unanswered: number, firstMs: number | undefined, nowMs: number): boolean {
    if (unanswered >= this.#waitingMax) return true;
    if (firstMs === undefined) return false;
    return this.#congestion.isTooLong(nowMs - firstMs, nowMs);
  }

  /** The line has come to its end: nobody waits. */
  cleared(nowMs: number): void {
    this.#congestion.cleared(nowMs);
  }
}
