import test from "ava";

import { Congestion } from "../../../src/platform/congestion.ts";

test("a burst may make others wait for a quarter of their time, a line that stands for a twentieth", (t) => {
  const congestion = new Congestion(2_000);
  congestion.cleared(1_000);

  t.false(congestion.isTooLong(500, 1_500));
  t.true(congestion.isTooLong(501, 1_500));

  t.true(congestion.isTooLong(101, 1_501));
  t.false(congestion.isTooLong(100, 1_501));
});

test("once the line has come to its end, a burst may pass again", (t) => {
  const congestion = new Congestion(2_000);
  t.true(congestion.isTooLong(101, 10_000));

  congestion.cleared(10_000);

  t.false(congestion.isTooLong(101, 10_000));
});
