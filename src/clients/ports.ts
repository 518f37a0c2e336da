import type { Instant } from "../domain/instant.ts";

/** What a client needs of the Clock. */
export interface Timer {
  /** Monotonic milliseconds from an arbitrary start. */
  elapsedMs(): number;
  /** Runs once after the delay, unless it is cancelled before. */
  after(delayMs: number, run: () => void): () => void;
}

/** What a client needs of the Clock that dates what it sends. */
export interface WallTimer {
  now(): Instant;
  after(delayMs: number, run: () => void): () => void;
}

/** Where a client writes what an operator should know of its neighbour. */
export interface Log {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}
