import type { Clock } from "./clock.ts";

/** More parts than this of one event-loop turn go as two messages. */
const partsMax = 500;
/** Around the parts: the envelope, and a comma each. */
const envelopeBytes = 64;

/**
 * Gathers what one event-loop turn sends to one address into as few messages as the bounds allow. What is answered or
 * asked in the next turn waits for none of it.
 */
export class Gathering<Part extends { readonly text: string }> {
  readonly #clock: Clock;
  readonly #bytesMax: () => number;
  readonly #send: (address: string, parts: readonly Part[]) => void;
  readonly #onTooLarge: (part: Part) => void;
  #open = new Map<string, Part[]>();

  constructor(options: {
    readonly clock: Clock;
    /** Of one message. */
    readonly bytesMax: () => number;
    readonly send: (address: string, parts: readonly Part[]) => void;
    /** Told of a part that no message can hold. */
    readonly onTooLarge: (part: Part) => void;
  }) {
    this.#clock = options.clock;
    this.#bytesMax = options.bytesMax;
    this.#send = options.send;
    this.#onTooLarge = options.onTooLarge;
  }

  add(address: string, part: Part): void {
    if (this.#open.size === 0) {
      this.#clock.soon(() => {
        this.#flush();
      });
    }
    const parts = this.#open.get(address);
    if (parts) parts.push(part);
    else this.#open.set(address, [part]);
  }

  #flush(): void {
    const due = this.#open;
    this.#open = new Map();
    const bytesMax = this.#bytesMax() - envelopeBytes;
    for (const [address, parts] of due) {
      let fitting: Part[] = [];
      let bytes = 0;
      for (const part of parts) {
        const more = Buffer.byteLength(part.text) + 1;
        if (more > bytesMax) {
          this.#onTooLarge(part);
          continue;
        }
        if (fitting.length === partsMax || bytes + more > bytesMax) {
          this.#send(address, fitting);
          fitting = [];
          bytes = 0;
        }
        fitting.push(part);
        bytes += more;
      }
      if (fitting.length > 0) this.#send(address, fitting);
    }
  }
}
