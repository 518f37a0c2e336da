import test from "ava";

import { nextTry } from "../../../../shards/outbox/wait.ts";
import { instant } from "../../../../src/domain/instant.ts";
import { midday } from "../../../support/quota-builders.ts";

const dayMs = 86_400_000;
const giveUpAt = instant(midday + dayMs);
const wait = (
  tries: number,
  wanted: Partial<Parameters<typeof nextTry>[0]> = {},
): number | null => {
  const next = nextTry({
    tries,
    now: midday,
    giveUpAt,
    retryAfterMs: null,
    random: 0.5,
    ...wanted,
  });
  return next === null ? null : next - (wanted.now ?? midday);
};

test("waits double from five seconds to an hour", (t) => {
  const waits = [1, 2, 3, 4, 10, 11, 50, 2_000].map((tries) => wait(tries));

  t.deepEqual(waits, [5_000, 10_000, 20_000, 40_000, 2_560_000, 3_600_000, 3_600_000, 3_600_000]);
});

test("chance makes a wait a fifth longer or shorter, so that nodes do not come all at once", (t) => {
  t.is(wait(1, { random: 0 }), 4_000);
  t.is(wait(1, { random: 0.999_999 }), 6_000);
});

test("a target that asks for more time has it, up to an hour", (t) => {
  t.is(wait(1, { retryAfterMs: 60_000 }), 60_000);
  t.is(wait(4, { retryAfterMs: 1 }), 40_000);
  t.is(wait(1, { retryAfterMs: dayMs }), 3_600_000);
});

test("the last try is made when the time is up, and none after it", (t) => {
  const almost = instant(giveUpAt - 1_000);

  t.is(wait(30, { now: almost }), 1_000);
  t.is(wait(31, { now: giveUpAt }), null);
});
