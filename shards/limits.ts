import type { Limits } from "../src/domain/limits.ts";
import type { LimitsBook } from "./ports.ts";

/** The same limits for every key: the configured defaults. */
export function defaultLimits(limits: Limits): LimitsBook {
  return { of: () => limits };
}
