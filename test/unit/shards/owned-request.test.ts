import test from "ava";

import type { OwnedRequest } from "../../../src/platform/tracer.ts";
import { settled } from "../../support/fake-session.ts";
import { inboxOf, nothing } from "../../support/inbox-harness.ts";
import { consume, key } from "../../support/quota-builders.ts";

const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

function tracedInbox() {
  const owned: OwnedRequest[] = [];
  return { ...inboxOf({ tracer: { owned: (request) => owned.push(request) } }), owned };
}

test("an operator sees how long a traced order waited, and for which commit", async (t) => {
  const { ask, asked, session, clock, owned } = tracedInbox();
  ask("a", consume("A-1", 6n), 1_000, trace);
  await settled();
  await clock.advance(5);
  asked[0]?.answer(nothing);
  await settled();
  await clock.advance(7);
  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();

  t.is(owned.length, 1);
  t.like(owned[0], {
    trace,
    action: "consume",
    outcome: "accepted",
    arrivedMs: 0,
    turn: { fromMs: 5, untilMs: 5 },
    commit: { fromMs: 5, untilMs: 12 },
    answeredMs: 12,
  });
});

test("a question that needed no commit names none", async (t) => {
  const { ask, asked, session, clock, owned } = tracedInbox();
  ask("a", consume("A-1", 6n));
  await settled();
  asked[0]?.answer(nothing);
  await settled();
  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();
  await clock.advance(5);

  ask("b", { kind: "get", key: key() }, 1_000, trace);
  await settled();

  t.is(owned.length, 1, "the order was not traced");
  t.like(owned[0], { action: "get", commit: null, turn: { fromMs: 5, untilMs: 5 } });
});

test("a request that had no turn says so", async (t) => {
  const { ask, clock, owned } = tracedInbox();
  ask("a", consume("A-1", 6n), 50, trace);
  await clock.advance(200);

  t.like(owned, [{ outcome: "SHARD_UNAVAILABLE", turn: null, commit: null }]);
});
