import test from "ava";

import { Checkpoint } from "../../../../shards/store/checkpoint.ts";
import { Fault } from "../../../../src/wire/fault.ts";
import { fakeClock } from "../../../support/fake-clock.ts";
import { fakeSession, quiet, settled } from "../../../support/fake-session.ts";

function checkpointOn() {
  const session = fakeSession();
  const clock = fakeClock();
  const written: number[] = [];
  const checkpoint = new Checkpoint({
    meter: quiet.meter,
    session,
    clock,
    log: quiet.log,
    writerId: 7n,
    onWritten: (seq) => written.push(seq),
  });
  return { session, clock, written, checkpoint };
}

test("durable facts reach the tables after a moment, all of them in one statement", async (t) => {
  const { session, clock, written, checkpoint } = checkpointOn();
  checkpoint.start();
  checkpoint.note(1, 10);
  checkpoint.note(2, 5);
  t.is(checkpoint.lagFacts, 15);

  await clock.advance(100);
  t.deepEqual(
    session.asked.map(({ values }) => values),
    [[7n, 2]],
  );
  t.deepEqual(written, [], "not before Postgres says so");
  session.asked[0]?.answer([{ seq: 2n }]);
  await settled();

  t.deepEqual(written, [2]);
  t.is(checkpoint.lagFacts, 0);
  checkpoint.stop();
});

test("a checkpoint that fails is tried again, and the lag says how long", async (t) => {
  const { session, clock, written, checkpoint } = checkpointOn();
  checkpoint.start();
  checkpoint.note(1, 1);
  await clock.advance(100);

  session.asked[0]?.fail(new Fault("OUTCOME_UNKNOWN", "the connection was lost"));
  await settled();
  await clock.advance(2_000);
  t.is(checkpoint.lagSeconds, 2.1);
  t.is(session.asked.length, 2);
  session.asked[1]?.answer([{ seq: 1n }]);
  await settled();

  t.deepEqual(written, [1]);
  t.is(checkpoint.lagSeconds, 0);
  checkpoint.stop();
});

test("when the tables fall far behind there is no room until they have caught up", async (t) => {
  const { session, clock, checkpoint } = checkpointOn();
  checkpoint.start();
  t.is(checkpoint.room(), null);
  checkpoint.note(1, 100_000);
  let hasRoom = false;
  void checkpoint.room()?.then(() => (hasRoom = true));
  await clock.advance(100);
  t.false(hasRoom);

  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();

  t.true(hasRoom);
  t.is(checkpoint.room(), null);
  checkpoint.stop();
});

test("a checkpoint that stops leaves no timer and makes nobody wait", async (t) => {
  const { clock, checkpoint } = checkpointOn();
  checkpoint.start();
  checkpoint.note(1, 100_000);
  const room = checkpoint.room();

  checkpoint.stop();
  await room;

  t.is(clock.timers, 0);
  t.is(checkpoint.room(), null);
});

test("finishing writes what is left, once what runs has ended", async (t) => {
  const { session, clock, written, checkpoint } = checkpointOn();
  checkpoint.start();
  checkpoint.note(1, 1);
  await clock.advance(100);
  checkpoint.note(2, 1);
  let finished = false;
  void checkpoint.finish().then(() => (finished = true));

  for (let n = 0; n < 3; n += 1) {
    await settled();
    t.is(session.asked.length, n + 1, "one statement at a time");
    t.false(finished);
    session.asked[n]?.answer([]);
  }
  await settled();

  t.true(finished);
  t.deepEqual(written, [1, 2]);
});
