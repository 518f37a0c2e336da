import test from "ava";

import { roundMax } from "../../../shards/round.ts";
import { Fault } from "../../../src/wire/fault.ts";
import { settled } from "../../support/fake-session.ts";
import { inboxOf, nothing, requestTimeoutMs } from "../../support/inbox-harness.ts";
import { consume, key } from "../../support/quota-builders.ts";

const get = { kind: "get", key: key() } as const;

test("commands of a merchant are decided first in, first out, after one look-up, and told when durable", async (t) => {
  const { ask, said, asked, session } = inboxOf({ daily: 10n });
  ask("a", consume("A-1", 6n));
  ask("b", consume("A-2", 6n));
  ask("c", consume("A-3", 4n));
  ask("d", get);
  await settled();
  t.deepEqual(
    asked.map(({ orders }) => orders.length),
    [3],
  );

  asked[0]?.answer(nothing);
  await settled();
  t.deepEqual(said, [], "nothing is durable yet");
  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();

  t.deepEqual(said, ["a: took, 6 in all", "b: refused", "c: took, 10 in all", "d: stands"]);
});

test("of an order that is sent many times at once one counts, the others are repeats", async (t) => {
  const { ask, said, asked, session } = inboxOf();
  for (const name of ["a", "b", "c"]) ask(name, consume("A-1", 6n));
  await settled();
  asked[0]?.answer(nothing);
  await settled();
  ask("late", consume("A-1", 6n));
  await settled();
  t.deepEqual(said, [], "a repeat waits for the first to be durable");

  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();

  t.deepEqual(said, ["a: took, 6 in all", "b: duplicate", "c: duplicate", "late: duplicate"]);
  t.is(session.asked.length, 1);
});

test("all that is asked while a commit is on its way goes with the next one", async (t) => {
  const { ask, said, asked, session } = inboxOf();
  for (const [n, name] of ["a", "b", "c"].entries()) {
    ask(name, consume(`A-${n}`, 2n));
    await settled();
    asked[n]?.answer(nothing);
    await settled();
  }
  t.is(session.asked.length, 1);

  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();
  t.deepEqual(said, ["a: took, 2 in all"]);
  session.asked[1]?.answer([{ seq: 2n }]);
  await settled();

  t.deepEqual(said, ["a: took, 2 in all", "b: took, 4 in all", "c: took, 6 in all"]);
  t.is(session.asked.length, 2);
});

test("a request whose deadline passed before its turn is not applied", async (t) => {
  const { ask, said, asked, session, clock } = inboxOf();
  ask("late", consume("A-1", 6n), 50);
  ask("b", consume("A-2", 1n));
  await settled();

  await clock.advance(100);
  t.deepEqual(said, ["late: SHARD_UNAVAILABLE"]);
  asked[0]?.answer(nothing);
  await settled();
  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();

  t.deepEqual(said, ["late: SHARD_UNAVAILABLE", "b: took, 1 in all"]);
});

test("a request whose deadline passes while its commit is on its way has an unknown outcome", async (t) => {
  const { ask, said, asked, session, clock } = inboxOf();
  ask("a", consume("A-1", 6n), 50);
  await settled();
  asked[0]?.answer(nothing);
  await settled();

  await clock.advance(100);
  t.deepEqual(said, ["a: OUTCOME_UNKNOWN"]);
  session.asked[0]?.answer([{ seq: 1n }]);
  ask("again", consume("A-1", 6n));
  await settled();

  t.deepEqual(said, ["a: OUTCOME_UNKNOWN", "again: duplicate"]);
});

test("over the bound requests are refused before any work is done", async (t) => {
  const { ask, said } = inboxOf({ waitingMax: 2 });
  for (const name of ["a", "b", "c"]) ask(name, consume(`A-${name}`, 1n));
  await settled();

  t.deepEqual(said, ["c: OVERLOADED"]);
});

test("behind requests that wait too long nobody is let in, and once they are served all are again", async (t) => {
  const { ask, said, asked, session, clock } = inboxOf({ waitingMax: roundMax * 2 });
  ask("looked up", consume("A-1", 1n));
  await settled();
  for (let n = 1; n < roundMax; n += 1) ask("burst", get);
  await clock.advance(requestTimeoutMs / 4 + 1);
  ask("in the next round", get);
  ask("too late", get);
  await settled();
  t.deepEqual(said, ["too late: OVERLOADED"], "at once, while the others wait");

  asked[0]?.answer(nothing);
  await settled();
  asked[1]?.answer(nothing);
  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();
  ask("after it", get);
  await settled();

  t.is(said[1], "looked up: took, 1 in all");
  t.deepEqual(said.slice(-2), ["in the next round: stands", "after it: stands"]);
  t.is(said.length, roundMax + 3);
});

test("a look-up that fails fails its round alone", async (t) => {
  const { ask, said, asked, session, bugs } = inboxOf();
  ask("a", consume("A-1", 1n));
  await settled();
  ask("b", consume("A-2", 1n));

  asked[0]?.fail(new Fault("OUTCOME_UNKNOWN", "the connection was lost"));
  await settled();
  t.deepEqual(said, ["a: SHARD_UNAVAILABLE"]);
  asked[1]?.answer(nothing);
  await settled();
  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();

  t.deepEqual(said, ["a: SHARD_UNAVAILABLE", "b: took, 1 in all"]);
  t.deepEqual(bugs, []);
});

test("an inbox that is closed answers what waits, and leaves what was decided to the journal", async (t) => {
  const { ask, said, asked, session, inbox } = inboxOf();
  ask("decided", consume("A-1", 1n));
  await settled();
  asked[0]?.answer(nothing);
  await settled();
  ask("waiting", consume("A-2", 1n));

  inbox.close(new Fault("SHARD_UNAVAILABLE", "the owner is changing"));
  ask("later", get);
  await settled();
  t.deepEqual(said, ["waiting: SHARD_UNAVAILABLE", "later: SHARD_UNAVAILABLE"]);
  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();

  t.is(said[2], "decided: took, 1 in all");
});
