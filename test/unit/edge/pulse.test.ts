import test from "ava";

import type { Outcome } from "../../../src/domain/outcome.ts";
import { Pulse } from "../../../src/edge/pulse.ts";
import { Fault } from "../../../src/wire/fault.ts";
import type { Beat } from "../../../src/wire/http-console.ts";
import type { Ask } from "../../../src/wire/message.ts";
import { acceptedOutcome, refusedOutcome } from "../../support/edge-ask.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { consume, key, release } from "../../support/quota-builders.ts";

/** An edge whose owners say what the test says. */
function edge(answer: (...asked: Parameters<Ask>) => Promise<Outcome>) {
  const clock = fakeClock();
  const pulse = new Pulse(clock);
  return { clock, pulse, ask: pulse.counting(answer) };
}

test("an operator sees each second what was accepted, refused and failed, and nothing of the second before", async (t) => {
  const { clock, pulse, ask } = edge((request) => {
    if (request.kind === "release") return Promise.reject(new Fault("OVERLOADED", "too many"));
    const isSmall = request.kind === "consume" && request.amount < 10n;
    const outcome = isSmall
      ? acceptedOutcome(request)
      : refusedOutcome(request, "DAILY_LIMIT_EXCEEDED");
    return Promise.resolve(outcome);
  });
  const beats: Beat[] = [];
  pulse.watch((beat) => beats.push(beat));

  await ask(consume("A-1", 5n));
  await ask(consume("A-2", 50n));
  await t.throwsAsync(ask(release("A-3")));
  await clock.advance(2_000);

  t.deepEqual(beats[0]?.operations, [
    { action: "consume", outcome: "accepted", count: 1 },
    { action: "consume", outcome: "DAILY_LIMIT_EXCEEDED", count: 1 },
    { action: "release", outcome: "OVERLOADED", count: 1 },
  ]);
  t.like(beats[1], { at: "2026-11-22T12:00:02.000Z", seconds: 1, latency_ms: null });
  t.deepEqual(beats[1]?.operations, []);
});

test("the latency is from the question to the owner's answer", async (t) => {
  const { clock, pulse, ask } = edge(
    (request) =>
      new Promise((resolve) => {
        clock.after(40, () => {
          resolve(acceptedOutcome(request));
        });
      }),
  );
  const beats: Beat[] = [];
  pulse.watch((beat) => beats.push(beat));

  const asked = ask(consume("A-1", 5n));
  await clock.advance(1_000);
  await asked;

  t.deepEqual(beats[0]?.latency_ms, { p50: 40, p99: 40 });
});

test("who only reads is not counted, and nothing is counted or timed while nobody watches", async (t) => {
  const { clock, pulse, ask } = edge((request) => Promise.resolve(acceptedOutcome(request)));
  await ask(consume("A-1", 5n));
  t.is(clock.timers, 0);
  const beats: Beat[] = [];

  const stop = pulse.watch((beat) => beats.push(beat));
  await ask({ kind: "get", key: key() });
  await clock.advance(1_000);
  stop?.();
  await clock.advance(5_000);

  t.deepEqual(
    beats.map(({ operations }) => operations),
    [[]],
  );
  t.is(clock.timers, 0);
});

test("of operators who watch at once there are 32 at most; who leaves makes room", (t) => {
  const { pulse } = edge((request) => Promise.resolve(acceptedOutcome(request)));
  const stops = Array.from({ length: 32 }, () => pulse.watch(() => undefined));

  t.is(
    pulse.watch(() => undefined),
    undefined,
  );
  stops[7]?.();
  t.truthy(pulse.watch(() => undefined));
});
