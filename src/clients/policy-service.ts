import {
  BrokenCircuitError,
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  handleType,
  type IBackoff,
} from "cockatiel";

import type { Key } from "../domain/ids.ts";
import type { Policy } from "../domain/limits.ts";
import { Fault } from "../wire/fault.ts";
import { policyFrom } from "../wire/policy.ts";
import { createHttpSource, type Heard } from "./http-source.ts";
import type { Log, Timer } from "./ports.ts";

/*
 *          5 times no answer in a row              1 s
 *   closed ──────────────────────────▶ open ────────────────▶ half open: one question is let through
 *     ▲                                 ▲  all others fail      │      │ all others fail at once, unasked
 *     │                                 │  at once, unasked     │      │
 *     │                                 └────── no answer ──────┘      │
 *     └──────────────────────────────── answer ────────────────────────┘
 *
 * No answer is also half of one, and a status that says so (429, 500 and over). Whoever answers anything else is there:
 * one merchant's unusable policy must not keep all other merchants from theirs.
 */
const unansweredMax = 5;
const pauseMs = 1_000;

const connectionsMax = 64; // then a question waits for a connection, within its timeout
const bytesMax = 64 * 1024; // then the answer is garbage

/** What came of one question, for the metrics. */
export type PolicyResult = "ok" | "none" | "timeout" | "error" | "garbage" | "open";

/** merchant-policy-service, which says what each merchant may take. */
export interface PolicyService {
  /**
   * One try, within the timeout; whoever needs the policy tries again later.
   * @returns null when the service knows no policy of the key, or when there is no service
   * @throws Fault SHARD_UNAVAILABLE when the policy cannot be had now; its message says why
   */
  policyOf(key: Key): Promise<Policy | null>;
  /** What is on its way fails. */
  close(): Promise<void>;
}

type Outcome =
  | { readonly result: "ok"; readonly policy: Policy }
  | { readonly result: "none" }
  | {
      readonly result: "timeout" | "error" | "garbage";
      readonly fault: Fault;
      readonly isAnswer: boolean;
    };

/**
 * @param url asked for at each try, so that it may change; null = there is no service
 * @param timeoutMs of one try, likewise
 */
export function createPolicyService(options: {
  readonly url: () => string | null;
  readonly timeoutMs: () => number;
  readonly clock: Timer;
  readonly log: Log;
  readonly onResult: (result: PolicyResult) => void;
}): PolicyService {
  const { url, timeoutMs, clock, log, onResult } = options;
  const source = createHttpSource({ timer: clock, connectionsMax, bytesMax });
  const breaker = circuitBreaker(handleType(Fault), {
    breaker: new ConsecutiveBreaker(unansweredMax),
    halfOpenAfter: { next: () => pauseBy(clock) },
  });
  logOutages(breaker, log);

  const ask = async (address: string): Promise<Outcome> => {
    const outcome = outcomeOf(await source.get(address, timeoutMs()));
    onResult(outcome.result);
    if ("fault" in outcome && !outcome.isAnswer) throw outcome.fault;
    return outcome;
  };
  const unasked = (): Fault => {
    onResult("open");
    return faultOf("has not answered lately and is not asked now");
  };

  return {
    policyOf: async (key) => {
      const service = url();
      if (service === null) return null;
      if (breaker.state === CircuitState.HalfOpen) throw unasked();
      try {
        const outcome = await breaker.execute(() => ask(addressOf(service, key)));
        if ("fault" in outcome) throw outcome.fault;
        return outcome.result === "ok" ? outcome.policy : null;
      } catch (error) {
        throw error instanceof BrokenCircuitError ? unasked() : error;
      }
    },
    close: () => source.close(),
  };
}

function addressOf(service: string, { merchantId, currency }: Key): string {
  const query = new URLSearchParams({ merchant_id: merchantId, currency });
  return `${service.replace(/\/+$/, "")}/api/v1/limit-policies/effective?${query.toString()}`;
}

function outcomeOf(heard: Heard): Outcome {
  switch (heard.kind) {
    case "json":
      return outcomeIn(heard.body);
    case "garbage":
      return failed("garbage", `answered what cannot be used: ${heard.why}`, true);
    case "status": {
      const { status } = heard;
      if (status === 404) return { result: "none" };
      return failed("error", `answered with the status ${status}`, status < 500 && status !== 429);
    }
    case "timeout":
      return failed("timeout", `did not answer within ${heard.timeoutMs} ms`, false);
    case "error":
      return failed("error", `did not answer: ${heard.why}`, false);
  }
}

function outcomeIn(body: unknown): Outcome {
  try {
    return { result: "ok", policy: policyFrom(body) };
  } catch (error) {
    if (error instanceof Fault) return { result: "garbage", fault: error, isAnswer: true };
    throw error;
  }
}

function failed(result: "timeout" | "error" | "garbage", why: string, isAnswer: boolean): Outcome {
  return { result, fault: faultOf(why), isAnswer };
}

function faultOf(why: string): Fault {
  return new Fault("SHARD_UNAVAILABLE", `the policy service ${why}`);
}

/** By the monotonic clock. The breaker itself looks at the wall's, which may jump back and keep it open for hours. */
function pauseBy(clock: Timer): IBackoff<unknown> {
  const endsAtMs = clock.elapsedMs() + pauseMs;
  return {
    get duration() {
      return clock.elapsedMs() < endsAtMs ? Infinity : -Infinity;
    },
    next: () => pauseBy(clock),
  };
}

/** One line when the service goes, however often it is tried meanwhile, and one when it is back. */
function logOutages(breaker: CircuitBreakerPolicy, log: Log): void {
  let isAway = false;
  breaker.onBreak((reason) => {
    if (isAway) return;
    isAway = true;
    const err = "error" in reason ? reason.error : undefined;
    log.warn({ err }, "policy service does not answer, is tried once a second");
  });
  breaker.onReset(() => {
    isAway = false;
    log.info({}, "policy service answers again");
  });
}
