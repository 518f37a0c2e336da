import test from "ava";

import { type Job, nextRunAt, RecurringJob } from "../../../../shards/jobs/recurring-job.ts";
import { type Instant, instant } from "../../../../src/domain/instant.ts";
import type { JobLock } from "../../../../src/platform/lock.ts";
import type { Timer } from "../../../../src/platform/timer.ts";
import { type FakeClock, fakeClock } from "../../../support/fake-clock.ts";
import { settled } from "../../../support/fake-session.ts";
import { fakeTimer, freeLock } from "../../../support/fake-timer.ts";
import { Gate } from "../../../support/node-clock.ts";
import { logInto } from "../../../support/node-harness.ts";
import { midday } from "../../../support/quota-builders.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

interface Told {
  readonly job: RecurringJob;
  readonly clock: FakeClock;
  readonly said: string[];
  readonly results: string[];
}

function recurring(run: Job["run"], lock: JobLock = freeLock): Told {
  const clock = fakeClock();
  const said: string[] = [];
  const results: string[] = [];
  const job = new RecurringJob(
    { name: "sweep", everyMs: 5 * minuteMs, run },
    {
      clock,
      timer: fakeTimer(clock),
      lock,
      log: logInto(said),
      onJob: (name, result) => results.push(`${name} ${result}`),
    },
  );
  return { job, clock, said, results };
}

test("a job runs again when it wishes, neither at once nor later than its time", (t) => {
  const next = (wish: number | null): number =>
    nextRunAt(midday, wish === null ? null : instant(midday + wish), 5 * minuteMs) - midday;

  t.is(next(null), 5 * minuteMs);
  t.is(next(2 * minuteMs), 2 * minuteMs);
  t.is(next(hourMs), 5 * minuteMs);
  t.is(next(0), 5_000);
  t.is(next(-hourMs), 5_000);
});

test("a midnight that comes before the job's time is met", async (t) => {
  const ran: Instant[] = [];
  const midnight = instant(midday + 2 * minuteMs);
  const { job, clock } = recurring(() => {
    ran.push(clock.now());
    return Promise.resolve(ran.length === 1 ? midnight : null);
  });

  job.start();
  await clock.advance(2 * minuteMs);

  t.deepEqual(ran, [instant(midday + 5_000), midnight]);
});

test("of all the runs that a sleep has missed, one is made up for", async (t) => {
  let runs = 0;
  const asked: { readonly when: Instant; readonly run: () => void }[] = [];
  const clock = fakeClock();
  const timer: Timer = {
    at: (when, run) => {
      asked.push({ when, run });
      return () => undefined;
    },
  };
  const job = new RecurringJob(
    {
      name: "sweep",
      everyMs: 5 * minuteMs,
      run: () => {
        runs += 1;
        return Promise.resolve(null);
      },
    },
    { clock, timer, lock: freeLock, log: logInto([]), onJob: () => undefined },
  );
  job.start();

  await clock.advance(24 * hourMs);
  asked[0]?.run();
  await settled();

  t.is(runs, 1);
  t.deepEqual(
    asked.map(({ when }) => when - midday),
    [5_000, 24 * hourMs + 5 * minuteMs],
  );
});

test("a job that fails is tried again, and the operator is told", async (t) => {
  let runs = 0;
  const { job, clock, said, results } = recurring(() => {
    runs += 1;
    return runs < 3 ? Promise.reject(new Error("no connection")) : Promise.resolve(null);
  });

  job.start();
  await clock.advance(5_000 + 2 * minuteMs);

  t.deepEqual(results, ["sweep failed", "sweep failed", "sweep done"]);
  t.deepEqual(said, ["a job failed, will be retried", "a job failed, will be retried"]);
});

test("a job that another node is at is left to it, and looked at again", async (t) => {
  const held: JobLock = { hold: () => Promise.resolve(false) };
  const { job, clock, said, results } = recurring(() => {
    throw new Error("it was not to run");
  }, held);

  job.start();
  await clock.advance(5_000 + 5 * minuteMs);

  t.deepEqual(results, ["sweep elsewhere", "sweep elsewhere"]);
  t.deepEqual(said, []);
});

test("a run that takes longer than its time is not begun again beside itself", async (t) => {
  let runs = 0;
  const gate = new Gate();
  const { job, clock } = recurring(async () => {
    runs += 1;
    await gate.opened;
    return null;
  });
  job.start();

  await clock.advance(hourMs);
  t.is(runs, 1);
  gate.open();
  await settled();
  await clock.advance(5 * minuteMs);

  t.is(runs, 2);
});

test("a stop ends the run that is under way, waits for it, and no other comes", async (t) => {
  let runs = 0;
  const ended = new Gate();
  const { job, clock, results } = recurring(async (signal) => {
    runs += 1;
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => {
        resolve();
      });
    });
    await ended.opened;
    return null;
  });
  job.start();
  await clock.advance(5_000);
  let stopped = false;

  const stopping = job.stop().then(() => {
    stopped = true;
  });
  await settled();
  t.false(stopped);
  ended.open();
  await stopping;
  await clock.advance(hourMs);

  t.is(runs, 1);
  t.is(clock.timers, 0);
  t.deepEqual(results, ["sweep done"]);
});

test("a lock that is lost under a run ends it", async (t) => {
  const lost = new AbortController();
  const lock: JobLock = {
    hold: async (_, run) => {
      await run(lost.signal);
      return true;
    },
  };
  const seen: boolean[] = [];
  const { job, clock } = recurring((signal) => {
    seen.push(signal.aborted);
    lost.abort();
    seen.push(signal.aborted);
    return Promise.resolve(null);
  }, lock);

  job.start();
  await clock.advance(5_000);

  t.deepEqual(seen, [false, true]);
});
