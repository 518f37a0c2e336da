import { bulkhead, type BulkheadPolicy } from "cockatiel";

import type { Key } from "../../src/domain/ids.ts";
import type { Instant } from "../../src/domain/instant.ts";
import { policyFromStored, storedPolicy } from "../../src/wire/policy.ts";
import type { KeyLimits, LimitsBook, StoredLimits } from "../ports.ts";
import { PolicyLimits } from "./policy-limits.ts";
import type {
  Fetched,
  Known,
  PolicyRules,
  PolicyService,
  PolicyShare,
  PolicySource,
} from "./ports.ts";

/** Policies fetched side by side, and those that wait; over it a fetch fails and what is known holds on. */
const fetchesMax = 64;
const fetchesWaitingMax = 10_000;
/** How long a policy is shared: longer than any outage of the policy service. */
const sharedMs = 30 * 86_400_000;

/**
 * The limits of all keys, from the policy service: fetched beside the turns, one question a key however many wait for
 * it, kept in Postgres and shared through Redis so that an outage of the policy service changes nothing for whoever
 * was ever known.
 */
export class PolicyBook implements LimitsBook, PolicySource {
  readonly rules: PolicyRules;
  readonly #service: PolicyService;
  readonly #share: PolicyShare | null;
  readonly #gate: BulkheadPolicy = bulkhead(fetchesMax, fetchesWaitingMax);

  constructor(options: {
    readonly service: PolicyService;
    readonly share: PolicyShare | null;
    readonly rules: PolicyRules;
  }) {
    this.#service = options.service;
    this.#share = options.share;
    this.rules = options.rules;
  }

  open(key: Key, shard: number, stored: StoredLimits | undefined): KeyLimits {
    return new PolicyLimits(this, key, shard, knownFrom(stored));
  }

  async fetch(key: Key, anew: boolean, knownAt: Instant | null): Promise<Fetched> {
    const { clock } = this.rules;
    const shared = knownFrom((await this.#share?.get(key)) ?? undefined);
    if (shared && !anew && this.#isFresh(shared) && shared.fetchedAt > (knownAt ?? -Infinity)) {
      return { kind: "fresh", known: shared };
    }
    try {
      const policy = await this.#gate.execute(() => this.#service.policyOf(key));
      const known = { policy, fetchedAt: clock.now() };
      const text = policy ? storedPolicy(policy) : nothing;
      void this.#share?.put(key, text, known.fetchedAt, sharedMs);
      return { kind: "fresh", known };
    } catch {
      // The client counts its failures and says when the service went away.
      return { kind: "failed", known: shared };
    }
  }

  /** What a clock that ran ahead has dated is not fresh until that date, and longer. */
  #isFresh({ fetchedAt }: Known): boolean {
    const { clock, keepMs } = this.rules;
    const ageMs = clock.now() - fetchedAt;
    return ageMs >= 0 && ageMs < keepMs();
  }
}

/** Takes the place of a policy that is no more. It cannot be read, so whoever finds it asks. */
const nothing = "null";

function knownFrom(stored: StoredLimits | undefined): Known | null {
  const policy = stored ? policyFromStored(stored.policy) : null;
  return stored && policy ? { policy, fetchedAt: stored.fetchedAt } : null;
}
