import { Congestion } from "../src/platform/congestion.ts";
import { roundMax } from "./round.ts";
import type { Waiting } from "./waiting.ts";

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
   * @param line those of them that have had no turn, the first of them first
   */
  isShut(unanswered: number, line: readonly Pick<Waiting, "arrivedMs">[], nowMs: number): boolean {
    if (unanswered >= this.#waitingMax) return true;
    // Who has a place in the next round waits for nobody in line, however long the store keeps all of them.
    const [first] = line;
    if (!first || line.length < roundMax) return false;
    return this.#congestion.isTooLong(nowMs - first.arrivedMs, nowMs);
  }

  /** The line has come to its end: nobody waits. */
  cleared(nowMs: number): void {
    this.#congestion.cleared(nowMs);
  }
}
