import test from "ava";

import { Rate } from "../../../src/edge/rate.ts";
import { fakeClock } from "../../support/fake-clock.ts";

test("a second's worth at once, then one whenever another is due", async (t) => {
  const clock = fakeClock();
  const rate = new Rate(5, clock);

  t.deepEqual(
    [1, 2, 3, 4, 5].map(() => rate.take("a")),
    [0, 0, 0, 0, 0],
  );
  t.is(rate.take("a"), 200);
  t.is(rate.wait("a"), 200, "what is refused is not counted");
  await clock.advance(200);
  t.is(rate.take("a"), 0);
  t.is(rate.take("a"), 200);
});

test("each has its own, and who was silent may catch up on a second and no more", async (t) => {
  const clock = fakeClock();
  const rate = new Rate(2, clock);
  t.deepEqual([rate.take("a"), rate.take("a"), rate.take("b")], [0, 0, 0]);

  await clock.advance(60_000);

  t.deepEqual([rate.take("a"), rate.take("a"), rate.take("a")], [0, 0, 500]);
  t.is(rate.wait("never asked"), 0);
});
