import type { Clock } from "../src/platform/clock.ts";

/** The pauses of one loop: a wake ends the present one, or the next, so that none is lost. */
export class Sleep {
  readonly #clock: Clock;
  #awake = false;
  #end: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async atMost(delayMs: number): Promise<void> {
    if (!this.#awake) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(delayMs, resolve);
        this.#end = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#awake = false;
    this.#end = null;
  }

  wake(): void {
    this.#awake = true;
    this.#end?.();
  }
}
