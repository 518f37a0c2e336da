import test from "ava";

import { loopTime } from "../../../src/platform/loop-time.ts";
import { fakeClock } from "../../support/fake-clock.ts";

test("what comes in one turn of the event loop comes at one time, however long the turn takes", async (t) => {
  const clock = fakeClock();
  let elapsedMs = 0;
  const time = loopTime({ ...clock, elapsedMs: () => elapsedMs });

  const first = time();
  elapsedMs += 400;
  const last = time();
  await new Promise(setImmediate);
  const next = time();

  t.deepEqual([first, last, next], [0, 0, 400]);
});
