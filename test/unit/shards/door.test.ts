import test from "ava";

import { Door } from "../../../shards/door.ts";

test("as many as may wait are let in, and no more", (t) => {
  const door = new Door({ waitingMax: 3, requestTimeoutMs: 2_000 });

  t.false(door.isShut(2, undefined, 0));
  t.true(door.isShut(3, undefined, 0));
});

test("nobody is let in behind a line whose first has waited too long", (t) => {
  const door = new Door({ waitingMax: 10_000, requestTimeoutMs: 2_000 });
  door.cleared(0);

  t.false(door.isShut(1, 0, 500));
  t.true(door.isShut(1, 0, 501));
  // Nobody waits any more, only answers are on their way.
  t.false(door.isShut(1, undefined, 10_000));
});
