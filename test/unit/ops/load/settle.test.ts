import test from "ava";

import type { Ask } from "../../../../ops/load/ask.ts";
import type { Driver, Met } from "../../../../ops/load/driver.ts";
import { Ledger } from "../../../../ops/load/ledger.ts";
import { isSettled, settle, type Settled } from "../../../../ops/load/settle.ts";
import { fakeClock } from "../../../support/fake-clock.ts";
import { applied, away, fakeDriver, full, lost } from "../../../support/fake-driver.ts";
import { settled as idle } from "../../../support/fake-session.ts";

const consume: Ask = { op: "consume", merchantId: "m", orderNo: "O-1", amount: 100 };
const release: Ask = { op: "release", merchantId: "m", orderNo: "O-0", amount: 30 };

test("an unknown consume is sent again until the service says that it counts", async (t) => {
  const ledger = new Ledger();
  ledger.note(consume, "unknown");
  const sent: Ask[] = [];
  const driver = fakeDriver({
    meet: (ask) => met([away, lost, applied][sent.push(ask) - 1]),
    used: () => 100n,
  });

  const told = await settledBy(driver, ledger);

  t.like(told, { unknown: 1, applied: 1, refused: 0, open: 0, merchants: 1, wrong: [] });
  t.true(isSettled(told));
  t.deepEqual(sent, [consume, consume, consume]);
});

test("one that the service refuses now has not counted", async (t) => {
  const ledger = new Ledger();
  ledger.note(consume, "unknown");

  const told = await settledBy(fakeDriver({ meet: () => full, used: () => 0n }), ledger);

  t.like(told, { applied: 0, refused: 1, open: 0, wrong: [] });
});

test("one that nobody decides stays open, and nothing is proven", async (t) => {
  const ledger = new Ledger();
  ledger.note(consume, "unknown");

  const told = await settledBy(fakeDriver({ meet: () => lost, used: () => 0n }), ledger);

  t.is(told.open, 1);
  t.false(isSettled(told));
});

test("a sum that is another than acknowledged is named", async (t) => {
  const ledger = new Ledger();
  ledger.note(consume, "applied");
  ledger.note(release, "applied");
  ledger.note({ ...consume, op: "check" }, "applied");
  t.is(ledger.takenBy("m"), 70n);

  const right = await settledBy(fakeDriver({ meet: () => lost, used: () => 70n }), ledger);
  const wrong = await settledBy(fakeDriver({ meet: () => lost, used: () => 71n }), ledger);
  const unread = await settledBy(fakeDriver({ meet: () => lost, used: () => null }), ledger);

  t.true(isSettled(right));
  t.deepEqual(wrong.wrong, [{ merchantId: "m", acknowledged: 70n, counted: 71n }]);
  t.false(isSettled(wrong));
  t.deepEqual(unread.unread, ["m"]);
  t.false(isSettled(unread));
});

async function settledBy(driver: Driver, ledger: Ledger): Promise<Settled> {
  const timer = fakeClock();
  const settling = settle({ driver, ledger, timer, beganAt: 0 });
  await idle();
  await timer.advance(120_000);
  return settling;
}

function met(given: Met | undefined): Met {
  if (given === undefined) throw new Error("sent too often");
  return given;
}
