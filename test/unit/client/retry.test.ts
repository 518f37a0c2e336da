import test from "ava";

import { type Patience, askUntilAnswered } from "../../../src/client/retry.ts";
import type { QuotaFault } from "../../../src/client/quota-fault.ts";
import type { Heard } from "../../../src/client/transport.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { settled } from "../../support/fake-session.ts";

const done: Heard = { kind: "answered", status: 200, body: { success: true }, retryAfterMs: null };
const full: Heard = problem(429, "DAILY_LIMIT_EXCEEDED");
const overloaded: Heard = problem(503, "OVERLOADED", 1_000);
const unavailable: Heard = problem(503, "SHARD_UNAVAILABLE");
const cut: Heard = { kind: "lost", wasSent: true, reason: "ECONNRESET" };
const unsent: Heard = { kind: "lost", wasSent: false, reason: "ECONNREFUSED" };

const patience: Patience = { deadlineMs: 5_000, tryMs: 2_000, mayRepeat: true };

test("an order is sent again after whatever a repeat can mend, until it is answered", async (t) => {
  const { result, tries } = await told([
    unsent,
    unavailable,
    cut,
    problem(504, "OUTCOME_UNKNOWN"),
    done,
  ]);

  t.like(result, { kind: "ok", reply: { success: true } });
  t.is(tries.length, 5);
});

test("a refusal is an answer: it is not asked again", async (t) => {
  const { result, tries } = await told([full]);

  t.like(result, { kind: "refused", code: "DAILY_LIMIT_EXCEEDED" });
  t.is(tries.length, 1);
});

test("the service's Retry-After is waited for, and a little aside of it", async (t) => {
  const { tries } = await told([overloaded, done], {}, 0.5);

  t.deepEqual(tries, [0, 1_125]);
});

test("waits grow with every try, and are spread by chance", async (t) => {
  const sure = await told([unsent, unsent, unsent, unsent, done], {}, 1);
  const half = await told([unsent, unsent, unsent, unsent, done], {}, 0.5);

  t.deepEqual(sure.tries, [0, 100, 300, 700, 1_500]);
  t.deepEqual(half.tries, [0, 50, 150, 350, 750]);
});

test("what has no number is asked once", async (t) => {
  const { fault, tries } = await told([unavailable, done], { mayRepeat: false });

  t.is(fault?.code, "SHARD_UNAVAILABLE");
  t.is(tries.length, 1);
});

test("what a repeat cannot mend is told at once", async (t) => {
  for (const code of ["INVALID_REQUEST", "UNAUTHENTICATED", "INTERNAL"] as const) {
    const { fault, tries } = await told([problem(400, code), done]);

    t.is(fault?.code, code);
    t.is(tries.length, 1);
  }
});

test("nobody waits for a try that the deadline leaves no time for", async (t) => {
  const { fault, tries, endedMs } = await told([overloaded, done], { deadlineMs: 900 });

  t.is(fault?.code, "OVERLOADED");
  t.deepEqual([tries.length, endedMs], [1, 0]);
});

test("a last try that did nothing takes nothing back of one that may have", async (t) => {
  const { fault } = await told([cut, overloaded], { deadlineMs: 1_000 });

  t.is(fault?.code, "OUTCOME_UNKNOWN");
  t.true(fault?.isOutcomeUnknown);
  t.regex(fault?.message ?? "", /the last of 2 met OVERLOADED/);
});

test("the last try has what is left of the deadline", async (t) => {
  const { tryTimes } = await told([overloaded, overloaded, done], { deadlineMs: 3_000 }, 0);

  t.deepEqual(tryTimes, [2_000, 2_000, 1_000]);
});

interface Told {
  readonly result: unknown;
  readonly fault: QuotaFault | null;
  /** When each was sent. */
  readonly tries: readonly number[];
  /** What each was given. */
  readonly tryTimes: readonly number[];
  readonly endedMs: number;
}

/** Asks a service that answers these in turn; waits are as long as chance makes them, which is always the same here. */
async function told(
  answers: readonly Heard[],
  own: Partial<Patience> = {},
  chance = 0.5,
): Promise<Told> {
  const clock = fakeClock();
  const tries: number[] = [];
  const tryTimes: number[] = [];
  const attempt = (tryMs: number): Promise<Heard> => {
    const answer = answers[tries.length];
    tries.push(clock.elapsedMs());
    tryTimes.push(tryMs);
    return answer ? Promise.resolve(answer) : Promise.reject(new Error("asked too often"));
  };
  const parts = { timer: clock, random: () => chance };
  let endedMs = -1;
  const asked = askUntilAnswered(attempt, { ...patience, ...own }, parts)
    .then(
      (result) => ({ result, fault: null }),
      (fault: unknown) => ({ result: null, fault: fault as QuotaFault }),
    )
    .finally(() => {
      endedMs = clock.elapsedMs();
    });
  await settled();
  await clock.advance(60_000);
  return { ...(await asked), tries, tryTimes, endedMs };
}

function problem(status: number, code: string, retryAfterMs: number | null = null): Heard {
  return { kind: "answered", status, body: { code, message: code }, retryAfterMs };
}
