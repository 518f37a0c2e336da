import type { Cancel } from "../../../src/platform/clock.ts";

interface Entry {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | null;
}

/**
 * What is to happen, and the only time there is: everything asynchronous of a simulation is an entry here, and time is
 * that of the entry that runs. What falls on the same moment runs in the order in which it was entered.
 */
export class Agenda {
  #nowMs = 0;
  #entered = 0;
  /** A binary heap, the next entry first. */
  readonly #heap: Entry[] = [];

  get nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): Cancel {
    const entry: Entry = {
      atMs: this.#nowMs + Math.max(delayMs, 0),
      order: this.#entered++,
      run,
    };
    this.#push(entry);
    return () => {
      entry.run = null;
    };
  }

  /** Runs what falls before a moment, one entry a turn of the event loop, so that all promises settle in between. */
  async until(untilMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const turn = (): void => {
        try {
          const entry = this.#next(untilMs);
          if (!entry) {
            this.#nowMs = untilMs;
            resolve();
            return;
          }
          this.#nowMs = entry.atMs;
          entry.run?.();
          setImmediate(turn);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      setImmediate(turn);
    });
  }

  #next(untilMs: number): Entry | undefined {
    for (;;) {
      const [first] = this.#heap;
      if (!first || first.atMs > untilMs) return undefined;
      this.#pop();
      if (first.run) return first;
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (!parent || !isBefore(entry, parent)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [a, b] = [heap[left], heap[left + 1]];
      const child = a && b && isBefore(b, a) ? b : a;
      if (!child || !isBefore(child, last)) break;
      heap[at] = child;
      at = child === b ? left + 1 : left;
    }
    heap[at] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
