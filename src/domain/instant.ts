import type { Brand } from "./brand.ts";

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = Brand<number, "Instant">;

export function instant(epochMs: number): Instant {
  return epochMs as Instant;
}

/** The later of two: an actor's time never runs backwards. */
export function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}
