import type { Key } from "../../src/domain/ids.ts";
import type { Limits, LimitsSource } from "../../src/domain/limits.ts";
import { Fault } from "../../src/wire/fault.ts";
import { storedPolicy } from "../../src/wire/policy.ts";
import type { KeyLimits } from "../ports.ts";
import type { Fetched, Known, PolicySource } from "./ports.ts";

/** Waits after failed fetches: doubled from the first up to the longest, and spread. */
const retryMs = { first: 1_000, longest: 30_000 } as const;
/** The part of a wait that is left to chance, so that keys do not ask together. */
const spread = 0.2;

/**
 * What one key may take, as the policy service said last.
 *
 *     unknown ──first try──▶ fresh ──kept long enough──▶ old: in force on while it is fetched again
 *        └── failed ─▶ the defaults        ▲                  └── failed ─▶ last known, tried again and again
 *                          └───────────────┴──────────────────────────────────┘
 */
export class PolicyLimits implements KeyLimits {
  readonly #source: PolicySource;
  readonly #key: Key;
  readonly #shard: number;
  #known: Known | null;
  /** The tables have what is known. */
  #isRemembered: boolean;
  /** Made of what is known; null = the defaults. */
  #own: Limits | null = null;
  /** The last fetch failed. */
  #failing = false;
  #failures = 0;
  #nextFetchMs = -Infinity;
  #fetching: Promise<void> | null = null;
  first: Promise<void> | null = null;

  /** @param known what was known before a restart */
  constructor(source: PolicySource, key: Key, shard: number, known: Known | null) {
    this.#source = source;
    this.#key = key;
    this.#shard = shard;
    this.#known = known;
    this.#isRemembered = known !== null;
    this.#own = this.#limitsOf(known, "last_known");
    if (known === null || source.rules.failureMode() === "closed") this.#waitForFirst();
  }

  inForce(): Limits {
    const { defaults, failureMode } = this.#source.rules;
    if (this.#own === null || (this.#failing && failureMode() === "default")) return defaults();
    return this.#own;
  }

  hindrance(): Fault | null {
    return this.#failing && this.#source.rules.failureMode() === "closed" ? closed : null;
  }

  refreshIfOld(): void {
    if (this.#source.rules.clock.elapsedMs() >= this.#nextFetchMs) void this.#fetch(false);
  }

  async refresh(): Promise<void> {
    // What is on its way may have been asked before the limits changed.
    await this.#fetching;
    await this.#fetch(true);
  }

  #fetch(anew: boolean): Promise<void> {
    this.#fetching ??= this.#source
      .fetch(this.#key, anew, this.#known?.fetchedAt ?? null)
      .then((fetched) => {
        this.#learn(fetched);
      })
      .finally(() => {
        this.#fetching = null;
      });
    return this.#fetching;
  }

  /** A first try that takes too long is not waited for: it goes on beside the turns. */
  #waitForFirst(): void {
    const { clock, timeoutMs } = this.#source.rules;
    const waited = new Promise<void>((resolve) => {
      const cancel = clock.after(timeoutMs(), resolve);
      void this.#fetch(false).then(() => {
        cancel();
        resolve();
      });
    });
    this.first = waited.then(() => {
      this.first = null;
    });
  }

  #learn(fetched: Fetched): void {
    const { clock, keepMs } = this.#source.rules;
    if (fetched.kind === "fresh") {
      this.#remember(fetched.known);
      this.#known = fetched.known;
      this.#own = this.#limitsOf(fetched.known, "policy");
      this.#failing = false;
      this.#failures = 0;
      // What another node fetched has been kept for a while already.
      const ageMs = Math.max(clock.now() - fetched.known.fetchedAt, 0);
      this.#nextFetchMs = clock.elapsedMs() + this.#spread(keepMs()) - ageMs;
      return;
    }
    if (fetched.known && fetched.known.fetchedAt > (this.#known?.fetchedAt ?? -Infinity)) {
      this.#known = fetched.known;
      this.#isRemembered = false;
    }
    this.#own = this.#limitsOf(this.#known, "last_known");
    this.#failing = true;
    const waitMs = Math.min(retryMs.first * 2 ** this.#failures, retryMs.longest);
    this.#failures += 1;
    this.#nextFetchMs = clock.elapsedMs() + this.#spread(waitMs);
  }

  #remember({ policy, fetchedAt }: Known): void {
    const { memory } = this.#source.rules;
    const before = this.#known?.policy ?? null;
    if (policy === null) {
      if (before) memory.forget(this.#key, fetchedAt);
      return;
    }
    const text = storedPolicy(policy);
    if (before && this.#isRemembered && storedPolicy(before) === text) return;
    memory.remember(this.#key, this.#shard, {
      policy: text,
      version: policy.policyVersion,
      fetchedAt,
    });
    this.#isRemembered = true;
  }

  #limitsOf(known: Known | null, source: LimitsSource): Limits | null {
    if (!known?.policy) return null;
    const { zone, ...policy } = known.policy;
    return { ...policy, zone: zone ?? this.#source.rules.defaults().zone, source };
  }

  #spread(waitMs: number): number {
    return waitMs * (1 - spread * this.#source.rules.random());
  }
}

const closed = new Fault(
  "SHARD_UNAVAILABLE",
  "the policy service is away, and POLICY_FAILURE_MODE=closed takes nothing without it",
  { lasting: true },
);
