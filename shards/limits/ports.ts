import type { Key } from "../../src/domain/ids.ts";
import type { Instant } from "../../src/domain/instant.ts";
import type { Limits, Policy } from "../../src/domain/limits.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { StoredLimits } from "../ports.ts";

/** What holds while the policy service is away. */
export type FailureMode = "last_known" | "default" | "closed";

/** Asks the policy service, once. */
export interface PolicyService {
  /** @returns null = the merchant has no policy. @throws Fault when there is no answer that can be read */
  policyOf(key: Key): Promise<Policy | null>;
}

/** Policies that nodes share. Neither function rejects: what cannot be read is not there. */
export interface PolicyShare {
  get(key: Key): Promise<StoredLimits | null>;
  put(key: Key, policy: string, fetchedAt: Instant, keepMs: number): Promise<void>;
}

/** Keeps the policies last known over restarts: late by a blink, and in nobody's way. */
export interface PolicyMemory {
  remember(
    key: Key,
    shard: number,
    stored: StoredLimits & { readonly version: string | null },
  ): void;
  /** @param knownAt when the policy service said that there is none */
  forget(key: Key, knownAt: Instant): void;
}

/** A policy and when it was fetched; `policy` null = the policy service says that there is none. */
export interface Known {
  readonly policy: Policy | null;
  readonly fetchedAt: Instant;
}

export type Fetched =
  | { readonly kind: "fresh"; readonly known: Known }
  /** `known` is what another node knew last. */
  | { readonly kind: "failed"; readonly known: Known | null };

/** By what a key's limits are kept up to date. */
export interface PolicyRules {
  readonly memory: PolicyMemory;
  readonly clock: Clock;
  /** 0 … 1, for waits that do not fall together. */
  readonly random: () => number;
  readonly defaults: () => Limits;
  readonly failureMode: () => FailureMode;
  /** How long one question to the policy service may take, and so how long a key of which nothing is known waits. */
  readonly timeoutMs: () => number;
  /** How long fetched limits are fresh. */
  readonly keepMs: () => number;
}

/** Where a key's policy comes from. */
export interface PolicySource {
  readonly rules: PolicyRules;
  /**
   * One fetch. Never rejects.
   * @param anew even if another node fetched it a moment ago
   * @param knownAt when what is known was fetched: what is shared and no newer is not taken for an answer; null =
   *   nothing is known
   */
  fetch(key: Key, anew: boolean, knownAt: Instant | null): Promise<Fetched>;
}
