import { PolicyBook } from "../../shards/limits/policy-book.ts";
import type { FailureMode, PolicyMemory, PolicyShare } from "../../shards/limits/ports.ts";
import type { StoredLimits } from "../../shards/ports.ts";
import type { Key } from "../../src/domain/ids.ts";
import type { Limits, Policy } from "../../src/domain/limits.ts";
import { minor } from "../../src/domain/money.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { Fault } from "../../src/wire/fault.ts";
import { limits } from "./quota-builders.ts";

/** A policy with a daily limit, and nothing else of note. */
export function policyWith(daily: bigint, version = "1", zone: Policy["zone"] = null): Policy {
  const like = limits();
  return {
    singleMin: like.singleMin,
    singleMax: like.singleMax,
    windows: { ...like.windows, daily: minor(daily) },
    counts: like.counts,
    maxPending: like.maxPending,
    refunds: like.refunds,
    policyVersion: version,
    zone,
  };
}

function defaultsOf(daily: bigint): Limits {
  return { ...limits({ daily }), source: "default", policyVersion: null };
}

/** A question to the policy service, which the test answers. */
export interface PolicyAsked {
  readonly key: Key;
  readonly answer: (policy: Policy | null) => void;
  readonly fail: () => void;
}

export interface FakePolicies {
  readonly book: PolicyBook;
  readonly asked: PolicyAsked[];
  readonly remembered: Map<string, string>;
  readonly shared: Map<string, StoredLimits>;
  mode: FailureMode;
}

/** The book of limits over a policy service that the test plays. Defaults: 1,000 a day. */
export function fakePolicies(
  clock: Clock,
  options: { readonly defaults?: Limits; readonly shared?: ReadonlyMap<string, StoredLimits> } = {},
): FakePolicies {
  const asked: PolicyAsked[] = [];
  const remembered = new Map<string, string>();
  const shared = new Map(options.shared);
  const defaults = options.defaults ?? defaultsOf(1_000n);
  const memory: PolicyMemory = {
    remember: (key, _, { policy }) => remembered.set(key.text, policy),
    forget: (key) => remembered.delete(key.text),
  };
  const share: PolicyShare = {
    get: (key) => Promise.resolve(shared.get(key.text) ?? null),
    put: (key, policy, fetchedAt) => {
      shared.set(key.text, { policy, fetchedAt });
      return Promise.resolve();
    },
  };
  const made: FakePolicies = {
    asked,
    remembered,
    shared,
    mode: "last_known",
    book: new PolicyBook({
      service: {
        policyOf: (key) =>
          new Promise((answer, reject) => {
            const fail = (): void => {
              reject(new Fault("SHARD_UNAVAILABLE", "the policy service is away"));
            };
            asked.push({ key, answer, fail });
          }),
      },
      share: options.shared ? share : null,
      rules: {
        memory,
        clock,
        random: () => 0,
        defaults: () => defaults,
        failureMode: () => made.mode,
        timeoutMs: () => 500,
        keepMs: () => 60_000,
      },
    }),
  };
  return made;
}
