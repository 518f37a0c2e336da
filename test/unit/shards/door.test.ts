import test from "ava";

import { Door } from "../../../shards/door.ts";
import { roundMax } from "../../../shards/round.ts";

/** A line of requests that came at once. */
const line = (length: number, arrivedMs: number) => Array.from({ length }, () => ({ arrivedMs }));

test("as many as may wait are let in, and no more", (t) => {
  const door = new Door({ waitingMax: 3, requestTimeoutMs: 2_000 });

  t.false(door.isShut(2, [], 0));
  t.true(door.isShut(3, [], 0));
});

test("nobody is let in behind a line whose first has waited too long", (t) => {
  const door = new Door({ waitingMax: 10_000, requestTimeoutMs: 2_000 });
  door.cleared(0);

  t.false(door.isShut(1, line(roundMax, 0), 500));
  t.true(door.isShut(1, line(roundMax, 0), 501));
});

test("who finds a place in the next round is let in, however slow the store is", (t) => {
  const door = new Door({ waitingMax: 10_000, requestTimeoutMs: 2_000 });

  t.false(door.isShut(1, line(roundMax - 1, 0), 1_999));
});
