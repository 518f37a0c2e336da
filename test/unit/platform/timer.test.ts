import test from "ava";

import { instant } from "../../../src/domain/instant.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { dateTimer } from "../../../src/platform/timer.ts";

const timer = dateTimer(systemClock);
const hourMs = 3_600_000;

test("what is asked for a time runs at that time, once", async (t) => {
  const when = instant(systemClock.now() + 200);

  const ranAt = await new Promise<number>((resolve) => {
    timer.at(when, () => {
      t.pass();
      resolve(systemClock.now());
    });
  });

  t.plan(2);
  t.true(ranAt >= when);
});

test("what is asked for a time that has passed runs at once", async (t) => {
  await new Promise<void>((resolve) => {
    timer.at(instant(systemClock.now() - 24 * hourMs), resolve);
  });

  t.pass();
});

test("what is cancelled does not run, and does not hold up the rest", async (t) => {
  const cancelled: string[] = [];
  const cancel = timer.at(instant(systemClock.now() + 100), () => cancelled.push("soon"));
  const cancelFar = timer.at(instant(systemClock.now() + 90 * 24 * hourMs), () =>
    cancelled.push("far"),
  );
  cancel();
  cancelFar();

  await new Promise<void>((resolve) => {
    timer.at(instant(systemClock.now() + 200), resolve);
  });

  t.deepEqual(cancelled, []);
});
