import test from "ava";

import { Inbox } from "../../../shards/inbox.ts";
import type { Found } from "../../../shards/ports.ts";
import { Shard } from "../../../shards/shard.ts";
import { Shelf } from "../../../shards/shelf.ts";
import { Journal } from "../../../shards/store/journal.ts";
import type { Command, Question } from "../../../src/domain/command.ts";
import { instant } from "../../../src/domain/instant.ts";
import { orderKeyOf } from "../../../src/domain/order.ts";
import type { Outcome } from "../../../src/domain/outcome.ts";
import { Fault } from "../../../src/wire/fault.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakeSession, quiet, settled } from "../../support/fake-session.ts";
import { consume, key, limits, thresholds } from "../../support/quota-builders.ts";

const nothing: Found = { keys: new Map(), orders: new Map() };
const get = { kind: "get", key: key() } as const;

function inboxOf(options: { readonly waitingMax?: number; readonly daily?: bigint } = {}) {
  const session = fakeSession();
  const clock = fakeClock();
  const shelf = new Shelf();
  const bugs: unknown[] = [];
  const asked: {
    readonly orders: readonly string[];
    readonly answer: (found: Found) => void;
    readonly fail: (error: Error) => void;
  }[] = [];
  const inForce = limits(options.daily === undefined ? {} : { daily: options.daily });
  const journal = new Journal({
    session,
    clock,
    meter: quiet.meter,
    writerId: 1n,
    onDurable: () => undefined,
    onLost: () => undefined,
  });
  const inbox = new Inbox({
    clock,
    lookup: {
      find: (_, orders) =>
        new Promise((answer, fail) => {
          asked.push({ orders, answer, fail });
        }),
      keysWithDueHolds: () => Promise.resolve([]),
    },
    shelf,
    journal,
    meter: quiet.meter,
    waitingMax: options.waitingMax ?? 100,
    room: () => journal.room(),
    hindrance: () => null,
    onBug: (error) => bugs.push(error),
  });
  const shard = new Shard({
    id: 1,
    epoch: 1n,
    around: {
      now: () => clock.now(),
      newId: () => "0199f0a0-0000-7000-8000-000000000000",
      limits: { of: () => inForce },
      thresholds,
      record: (entry) => {
        const seq = journal.record(entry);
        if (entry.result.kind === "accepted" && entry.result.order) {
          shelf.put(orderKeyOf(entry.command.key, entry.result.order.ref), entry.result.order, seq);
        }
        return seq;
      },
    },
    actorsMax: 100,
    writtenSeq: () => 0,
  });
  const said: string[] = [];
  const ask = (name: string, request: Command | Question, withinMs = 1_000): void => {
    inbox.submit(shard, { request, deadline: instant(clock.now() + withinMs) }).then(
      (outcome) => said.push(`${name}: ${wordFor(outcome)}`),
      (error: unknown) =>
        said.push(`${name}: ${error instanceof Fault ? error.code : String(error)}`),
    );
  };
  return { ask, said, asked, session, clock, inbox, bugs };
}

function wordFor(outcome: Outcome): string {
  if (outcome.kind !== "accepted") return outcome.kind;
  return outcome.duplicate ? "duplicate" : `took, ${outcome.receipt.used.daily} in all`;
}

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
