import { randomFrom } from "../../support/store-story.ts";

/** All chance of one simulation, from its seed alone. */
export class Dice {
  readonly #below: (below: number) => number;

  constructor(seed: number) {
    this.#below = randomFrom(seed);
  }

  /** 0 … below - 1 */
  below(below: number): number {
    return this.#below(below);
  }

  /** 0 … 1, without 1 */
  fraction = (): number => this.#below(2 ** 32) / 2 ** 32;

  between(least: number, most: number): number {
    return least + this.fraction() * (most - least);
  }

  /** @param share 0 … 1 */
  says(share: number): boolean {
    return this.fraction() < share;
  }

  oneOf<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new Error("nothing to choose from");
    return chosen;
  }

  /** An id that no other of this simulation is, in the form of a UUID. */
  uuid(): string {
    const part = (): string =>
      this.below(2 ** 32)
        .toString(16)
        .padStart(8, "0");
    const digits = part() + part() + part() + part();
    const parts = [
      digits.slice(0, 8),
      digits.slice(8, 12),
      `7${digits.slice(13, 16)}`,
      `8${digits.slice(17, 20)}`,
    ];
    return [...parts, digits.slice(20, 32)].join("-");
  }
}
