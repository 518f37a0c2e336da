import type { KeyText } from "../src/domain/ids.ts";
import type { Waiting } from "./waiting.ts";

/**
 * Requests of keys of whose limits nothing is known yet: they wait for the first try to fetch them, each key's in
 * their order, and hold nobody else up.
 */
export class HeldBack {
  readonly #lines = new Map<KeyText, Waiting[]>();
  readonly #due: KeyText[] = [];
  readonly #onDue: () => void;

  /** @param onDue told when a line's wait is over */
  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  get hasDue(): boolean {
    return this.#due.length > 0;
  }

  /**
   * Takes a request that must wait, or that comes behind one that does.
   * @param first what its key waits for; null = nothing
   * @returns false when it need not wait
   */
  takes(waiting: Waiting, first: Promise<void> | null): boolean {
    const key = waiting.message.request.key.text;
    const line = this.#lines.get(key);
    if (line) {
      line.push(waiting);
      return true;
    }
    if (first === null) return false;
    this.#lines.set(key, [waiting]);
    void first.then(() => {
      this.#due.push(key);
      this.#onDue();
    });
    return true;
  }

  /** Gives back those whose wait is over. */
  release(): readonly Waiting[] {
    return this.#due.splice(0).flatMap((key) => {
      const line = this.#lines.get(key) ?? [];
      this.#lines.delete(key);
      return line;
    });
  }
}
