import test from "ava";

import { Ledger } from "../../../../ops/load/ledger.ts";
import type { Plan } from "../../../../ops/load/plan.ts";
import { profileOf } from "../../../../ops/load/profile.ts";
import { type Ran, runLoad } from "../../../../ops/load/run.ts";
import { Tally } from "../../../../ops/load/tally.ts";
import { applied, away, fakeDriver, full, lost } from "../../../support/fake-driver.ts";
import { fakeClock } from "../../../support/fake-clock.ts";
import { settled } from "../../../support/fake-session.ts";
import { planWith } from "../../../support/load-plan.ts";

test("open loop: a call is sent when it is due, however slow the answers are", async (t) => {
  const clock = fakeClock();
  const { sent } = await ran({ ratePerSecond: 10, seconds: 1, clients: 64 }, clock, () =>
    after(clock, 5_000),
  );

  t.deepEqual(sent, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
});

test("a stall shows as long as it was, in each call that it held up", async (t) => {
  const clock = fakeClock();
  const { tally } = await ran({ ratePerSecond: 10, seconds: 1, clients: 1 }, clock, (number) =>
    after(clock, number === 0 ? 500 : 0),
  );

  const { count, max } = tally.latency;
  t.is(count, 10);
  t.true(max >= 499 && max <= 501);
  // Due at 100, 200, 300 and 400 ms, and sent when the first was answered at 500.
  t.true(Math.abs(tally.latency.mean - (500 + 400 + 300 + 200 + 100) / 10) < 1);
  t.true(Math.abs(tally.serviceTime.mean - 500 / 10) < 1);
});

test("calls that were due and never sent are told", async (t) => {
  const clock = fakeClock();
  const { result } = await ran({ ratePerSecond: 10, seconds: 1, clients: 1 }, clock, () =>
    after(clock, 400),
  );

  t.is(result.unsent, 7);
});

test("closed loop: as many as clients are on their way, and no more", async (t) => {
  const clock = fakeClock();
  const { sent, tally } = await ran({ ratePerSecond: null, seconds: 1, clients: 3 }, clock, () =>
    after(clock, 250),
  );

  t.deepEqual(
    sent,
    [0, 250, 500, 750].flatMap((at) => [at, at, at]),
  );
  t.is(tally.calls, 12);
});

test("closed loop: a client that is refused a connection waits a moment", async (t) => {
  const clock = fakeClock();
  const { sent } = await ran({ ratePerSecond: null, seconds: 1, clients: 1 }, clock, async () => {
    await after(clock, 1);
    return away;
  });

  t.true(sent.length <= 20);
});

test("a load ends after so many calls, and when it is told to", async (t) => {
  const clock = fakeClock();
  const few = await ran({ ratePerSecond: 10, seconds: 10, callsMax: 5 }, clock, () =>
    after(clock, 1),
  );
  t.is(few.tally.calls, 5);

  const stop = new AbortController();
  const other = fakeClock();
  const told = await ran(
    { ratePerSecond: 10, seconds: 10 },
    other,
    async (number) => {
      if (number === 3) stop.abort();
      return after(other, 1);
    },
    stop.signal,
  );
  t.is(told.tally.calls, 4);
  t.is(told.result.unsent, 0);
});

test("what was met is counted by outcome and code", async (t) => {
  const clock = fakeClock();
  const { tally, ledger } = await ran({ ratePerSecond: 10, seconds: 1 }, clock, (number) => {
    const met = [applied, full, lost, away][number % 4] ?? applied;
    return Promise.resolve(met);
  });

  t.deepEqual(tally.outcomes, { applied: 3, refused: 5, unknown: 2 });
  t.deepEqual(Object.fromEntries(tally.codes), {
    DAILY_LIMIT_EXCEEDED: 3,
    OUTCOME_UNKNOWN: 2,
    SHARD_UNAVAILABLE: 2,
  });
  t.is(ledger.open.length, 2);
});

interface Told {
  readonly result: Ran;
  readonly sent: readonly number[];
  readonly tally: Tally;
  readonly ledger: Ledger;
}

type Meet = (number: number) => Promise<typeof applied>;

async function ran(
  plan: Partial<Plan>,
  clock: ReturnType<typeof fakeClock>,
  meet: Meet,
  signal = new AbortController().signal,
): Promise<Told> {
  const whole = planWith({ profile: "hot", ...plan });
  const sent: number[] = [];
  const ledger = new Ledger();
  const tally = new Tally();
  const driver = fakeDriver({
    meet: () => {
      sent.push(clock.elapsedMs());
      return meet(sent.length - 1);
    },
  });
  const profile = profileOf(whole);
  const running = runLoad({ plan: whole, driver, profile, ledger, tally, timer: clock, signal });
  await settled();
  await clock.advance(20_000);
  return { result: await running, sent, tally, ledger };
}

function after(clock: ReturnType<typeof fakeClock>, ms: number): Promise<typeof applied> {
  return new Promise((resolve) => {
    clock.after(ms, () => {
      resolve(applied);
    });
  });
}
