import test from "ava";

import type { Entry } from "../../../../shards/entry.ts";
import { Journal } from "../../../../shards/store/journal.ts";
import { calendarAt } from "../../../../src/domain/period.ts";
import { Fault } from "../../../../src/wire/fault.ts";
import { fakeClock } from "../../../support/fake-clock.ts";
import { fakeSession, quiet, settled } from "../../../support/fake-session.ts";
import { consume, limits, midday, quotaWith } from "../../../support/quota-builders.ts";

function journalOn() {
  const session = fakeSession();
  const told: string[] = [];
  const journal = new Journal({
    session,
    clock: fakeClock(),
    meter: quiet.meter,
    writerId: 7n,
    onDurable: (seq, facts) => told.push(`durable ${seq}: ${facts}`),
    onLost: (fault) => told.push(`lost: ${fault.code}`),
  });
  const say = (name: string): void => {
    journal.whenDurable(journal.record(entry()), (failed) => {
      told.push(failed instanceof Fault ? `${name}: ${failed.code}` : name);
    });
  };
  return { session, told, journal, say };
}

function entry(): Entry {
  return {
    logId: "0199f0a0-0000-7000-8000-000000000000",
    shard: 1,
    command: consume("A-1", 5n),
    at: midday,
    limits: limits(),
    calendar: calendarAt(midday, limits().zone),
    before: quotaWith(),
    result: { kind: "refused", code: "QUOTA_SUSPENDED" },
  };
}

test("what comes while a commit is on its way goes with the next, and nobody is told too early", async (t) => {
  const { session, told, journal, say } = journalOn();
  say("a");
  journal.flush();
  for (const name of ["b", "c"]) {
    say(name);
    journal.flush();
  }
  t.is(session.asked.length, 1, "one commit at a time");
  t.deepEqual(told, []);

  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();
  t.deepEqual(told, ["durable 1: 1", "a"]);
  t.is(session.asked.length, 2);
  session.asked[1]?.answer([{ seq: 2n }]);
  await settled();

  t.deepEqual(told, ["durable 1: 1", "a", "durable 2: 2", "b", "c"]);
  t.deepEqual(
    session.asked.map(({ values }) => values.slice(0, 2)),
    [
      [7n, 1],
      [7n, 2],
    ],
  );
  t.is(journal.durableSeq, 2);
});

test("a fenced commit did nothing, and no other is sent", async (t) => {
  const { session, told, journal, say } = journalOn();
  say("a");
  journal.flush();
  say("b");

  session.asked[0]?.answer([]);
  await settled();
  journal.flush();

  t.deepEqual(told, ["a: SHARD_UNAVAILABLE", "b: SHARD_UNAVAILABLE", "lost: SHARD_UNAVAILABLE"]);
  t.is(session.asked.length, 1);
  await t.throwsAsync(journal.drain(), { instanceOf: Fault });
});

test("of a commit whose connection was lost nobody can say; what waited behind it did nothing", async (t) => {
  const { session, told, journal, say } = journalOn();
  say("a");
  journal.flush();
  say("b");

  session.asked[0]?.fail(new Fault("OUTCOME_UNKNOWN", "the connection was lost"));
  await settled();

  t.deepEqual(told, ["a: OUTCOME_UNKNOWN", "b: SHARD_UNAVAILABLE", "lost: OUTCOME_UNKNOWN"]);
});

test("of a commit on its way when the owner is lost nobody can say, and a late answer changes nothing", async (t) => {
  const { session, told, journal, say } = journalOn();
  say("a");
  journal.flush();
  say("b");

  journal.lose(new Fault("SHARD_UNAVAILABLE", "the writer was closed by another node"));
  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();

  t.deepEqual(told, ["a: OUTCOME_UNKNOWN", "b: SHARD_UNAVAILABLE", "lost: SHARD_UNAVAILABLE"]);
  t.is(journal.durableSeq, 0);
});

test("a full batch makes turns wait until a commit has returned", async (t) => {
  const { session, journal, say } = journalOn();
  say("first");
  journal.flush();
  for (let n = 0; n < 5_000; n += 1) journal.record(entry());
  let hasRoom = false;
  const room = journal.room();
  t.not(room, null);
  void room?.then(() => (hasRoom = true));
  await settled();
  t.false(hasRoom);

  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();

  t.true(hasRoom);
  t.is(journal.room(), null);
});

test("draining waits for all that was recorded", async (t) => {
  const { session, journal, say } = journalOn();
  await journal.drain();
  say("a");
  journal.flush();
  say("b");
  let drained = false;
  void journal.drain().then(() => (drained = true));

  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();
  t.false(drained);
  session.asked[1]?.answer([{ seq: 2n }]);
  await settled();

  t.true(drained);
});
