import test from "ava";

import { AgreedTime } from "../../../../shards/jobs/agreed-time.ts";
import { instant } from "../../../../src/domain/instant.ts";
import type { Clock } from "../../../../src/platform/clock.ts";
import type { Session } from "../../../../src/platform/database.ts";
import { fakeClock } from "../../../support/fake-clock.ts";
import { logInto } from "../../../support/node-harness.ts";
import { midday } from "../../../support/quota-builders.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A wall clock that can be set, here and at the database. */
function clocks() {
  const real = fakeClock();
  const ahead = { here: 0, there: 0 };
  const clock: Clock = {
    ...real,
    now: () => instant(real.now() + ahead.here),
  };
  const session: Session = {
    run: () => Promise.resolve([{ now: new Date(real.now() + ahead.there) }]),
  };
  const said: string[] = [];
  const time = new AgreedTime({ session, clock, log: logInto(said) });
  const sinceMidday = async (): Promise<number> => (await time.now()) - midday;
  return { ahead, said, sinceMidday, advance: (byMs: number) => real.advance(byMs) };
}

test("jobs go by the time that both clocks agree on", async (t) => {
  const { sinceMidday, advance, said } = clocks();

  t.is(await sinceMidday(), 0);
  await advance(hourMs);
  t.is(await sinceMidday(), hourMs);
  t.deepEqual(said, []);
});

test("where a machine's clock or the database's is ahead, jobs go by the other", async (t) => {
  const { ahead, sinceMidday, said } = clocks();

  ahead.there = dayMs;
  t.is(await sinceMidday(), 0);
  ahead.there = -2 * minuteMs;
  t.is(await sinceMidday(), -2 * minuteMs);

  t.deepEqual(
    new Set(said),
    new Set(["this clock and the database's differ; jobs go by the earlier"]),
  );
});

test("both clocks set a day ahead and back, as on the embedded store, end no day early", async (t) => {
  const { ahead, sinceMidday, advance } = clocks();
  await sinceMidday();

  ahead.here = dayMs;
  ahead.there = dayMs;
  t.is(await sinceMidday(), 0);
  await advance(5 * minuteMs);
  t.is(await sinceMidday(), 5 * minuteMs);
  ahead.here = 0;
  ahead.there = 0;
  await advance(5 * minuteMs);

  t.is(await sinceMidday(), 10 * minuteMs);
});

test("a leap ahead that lasts was a sleep of the machine, and is believed", async (t) => {
  const { ahead, sinceMidday, advance, said } = clocks();
  await sinceMidday();
  ahead.here = dayMs;
  ahead.there = dayMs;

  t.is(await sinceMidday(), 0);
  await advance(11 * minuteMs);

  t.is(await sinceMidday(), dayMs + 11 * minuteMs);
  t.true(said.includes("this clock has leapt ahead; jobs wait whether it stays there"));
});

test("a clock that is set back is followed at once", async (t) => {
  const { ahead, sinceMidday } = clocks();
  await sinceMidday();

  ahead.here = -hourMs;

  t.is(await sinceMidday(), -hourMs);
});
