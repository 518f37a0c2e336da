import test from "ava";

import type { Command, Question } from "../../../src/domain/command.ts";
import type { Outcome } from "../../../src/domain/outcome.ts";
import { createAsk } from "../../../src/edge/ask.ts";
import { askedInSilenceMax, askedOfShardMax } from "../../../src/edge/asked-shard.ts";
import { Fault, type FaultCode } from "../../../src/wire/fault.ts";
import type { Message } from "../../../src/wire/message.ts";
import { acceptedOutcome, refusedOutcome } from "../../support/edge-ask.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { settled } from "../../support/fake-session.ts";
import {
  adjust,
  cancel,
  confirm,
  consume,
  key,
  release,
  reserve,
  reset,
  resume,
  settle,
  suspend,
} from "../../support/quota-builders.ts";

type Say = (message: Message, time: number) => Promise<Outcome> | Outcome;
const gone = new Fault("SHARD_UNAVAILABLE", "nobody owns the shard at this moment");
const unknown = new Fault("OUTCOME_UNKNOWN", "the connection broke");
const changes = { daily: 1n, monthly: 1n, yearly: 1n };

/** An edge of one shard, whose bus says what the test says. */
function edge(say: Say) {
  const clock = fakeClock();
  const sent: Message[] = [];
  const closing = { now: false };
  const ask = createAsk({
    bus: {
      request: async (_subject, message) => {
        sent.push(message);
        return say(message, sent.length);
      },
      serve: () => () => undefined,
      serves: () => false,
    },
    clock,
    shardCount: 1,
    requestTimeoutMs: 2_000,
    random: () => 0.5,
    closing: () => closing.now,
  });
  return { ask, clock, sent, closing };
}

/** What becomes of a request, once all its time is over. */
async function ended(asked: Promise<Outcome>, clock: ReturnType<typeof fakeClock>) {
  const end = asked.catch((error: unknown) => error);
  await settled();
  await clock.advance(10_000);
  return end;
}

test("a moved shard is asked again until its new owner serves, with the same command and deadline", async (t) => {
  const { ask, clock, sent } = edge(({ request }, time) =>
    time < 5 ? Promise.reject(gone) : acceptedOutcome(request),
  );
  const command = consume("A-1", 40n);

  const outcome = await ended(ask(command), clock);

  t.like(outcome, { kind: "accepted" });
  t.is(sent.length, 5);
  t.true(
    sent.every(({ request, deadline }) => request === command && deadline === sent[0]?.deadline),
  );
});

test("asking again ends with the deadline, in growing waits", async (t) => {
  const { ask, clock, sent } = edge(() => Promise.reject(gone));
  const asked = t.throwsAsync(ask(consume("A-1", 40n)), { is: gone });

  await settled();
  await clock.advance(100);
  const early = sent.length;
  await clock.advance(1_900);
  await asked;

  t.true(early >= 4 && early <= 6, String(early));
  t.true(sent.length >= 12 && sent.length <= 18, String(sent.length));
});

test("a deadline that the caller names is kept", async (t) => {
  const { ask, clock, sent } = edge(() => Promise.reject(gone));

  const asked = t.throwsAsync(ask(consume("A-1", 40n), undefined, clock.now()), { is: gone });

  await asked;
  t.is(sent.length, 1);
});

const numbered: readonly (Command | Question)[] = [
  consume("A-1", 40n),
  reserve("A-1", 40n),
  confirm("A-1"),
  cancel("A-1"),
  release("A-1"),
  settle("A-1"),
  adjust(changes, "K-1"),
  { kind: "get", key: key() },
];
const unnumbered: readonly Command[] = [adjust(changes, null), reset("daily"), suspend(), resume()];

test("after an unknown outcome only what has a number is asked again", async (t) => {
  for (const request of numbered) {
    const { ask, clock } = edge((_message, time) =>
      time === 1 ? Promise.reject(unknown) : acceptedOutcome(consume("A-1", 40n)),
    );
    t.like(await ended(ask(request), clock), { kind: "accepted" }, request.kind);
  }
  for (const request of unnumbered) {
    const { ask, clock, sent } = edge(() => Promise.reject(unknown));
    t.is(await ended(ask(request), clock), unknown, request.kind);
    t.is(sent.length, 1, request.kind);
  }
});

test("a refusal after an unknown outcome stays unknown: the first may still be accepted behind it", async (t) => {
  const { ask, clock } = edge(({ request }, time) =>
    time === 1 ? Promise.reject(unknown) : refusedOutcome(request, "DAILY_LIMIT_EXCEEDED"),
  );

  t.is(await ended(ask(consume("A-1", 40n)), clock), unknown);
});

test("nothing makes an unknown outcome a certain no", async (t) => {
  const { ask, clock } = edge((_message, time) => Promise.reject(time === 1 ? unknown : gone));

  t.is(await ended(ask(consume("A-1", 40n)), clock), unknown);
});

test("what will not be over in a moment, and what says to stay away, is not asked again", async (t) => {
  const others: readonly FaultCode[] = ["OVERLOADED", "INTERNAL"];
  const faults = others.map((code) => new Fault(code, "no"));
  for (const fault of [...faults, new Fault("SHARD_UNAVAILABLE", "no", { lasting: true })]) {
    const { ask, sent } = edge(() => Promise.reject(fault));

    await t.throwsAsync(ask(consume("A-1", 40n)), { is: fault });

    t.is(sent.length, 1);
  }
});

test("a process that is closing answers at once", async (t) => {
  const { ask, closing } = edge(() => Promise.reject(gone));
  closing.now = true;

  await t.throwsAsync(ask(consume("A-1", 40n)), { is: gone });
});

test("an owner that drowns is asked no more than it can be behind with", async (t) => {
  let answer: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { ask, sent } = edge(async ({ request }) => {
    await held;
    return acceptedOutcome(request);
  });
  const asked = Array.from({ length: askedOfShardMax }, () => ask(consume("A-1", 40n)));
  await settled();

  await t.throwsAsync(ask(consume("A-1", 40n)), { message: /too many/ });

  t.is(sent.length, askedOfShardMax);
  answer();
  await Promise.all(asked);
  t.like(await ask(consume("A-2", 40n)), { kind: "accepted" });
});

test("an owner that says nothing is asked a few; the rest are told at once, until it answers again", async (t) => {
  let isSilent = true;
  const { ask, clock, sent } = edge(({ request, deadline }) => {
    if (!isSilent) return acceptedOutcome(request);
    return new Promise((_resolve, reject) => {
      clock.after(deadline - clock.now(), () => {
        reject(unknown);
      });
    });
  });
  const many = askedInSilenceMax + 20;
  const ends: unknown[] = [];
  const askMany = (): void => {
    for (let no = 0; no < many; no += 1) {
      ask(consume(`A-${sent.length}`, 40n)).then(
        ({ kind }) => ends.push(kind),
        (fault: unknown) => ends.push(fault),
      );
    }
  };

  askMany();
  await settled();
  t.is(sent.length, many, "it is not silent yet");
  await clock.advance(2_001);
  t.deepEqual(ends.splice(0), Array(many).fill(unknown));

  askMany();
  await settled();
  t.is(sent.length, many + askedInSilenceMax);
  t.is(ends.length, 20);
  t.true(ends.every((end) => end instanceof Fault && end.code === "SHARD_UNAVAILABLE"));
  await clock.advance(2_001);
  ends.length = 0;

  isSilent = false;
  t.like(await ask(consume("B-1", 40n)), { kind: "accepted" });
  askMany();
  await settled();
  t.deepEqual(ends, Array(many).fill("accepted"));
});
