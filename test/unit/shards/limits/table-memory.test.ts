import test from "ava";

import { TableMemory } from "../../../../shards/limits/table-memory.ts";
import { forgetLimits, rememberLimits } from "../../../../shards/limits/sql.ts";
import { logInto } from "../../../support/node-harness.ts";
import { fakeClock } from "../../../support/fake-clock.ts";
import { fakeSession, settled } from "../../../support/fake-session.ts";
import { key } from "../../../support/quota-builders.ts";

function memoryOf() {
  const session = fakeSession();
  const clock = fakeClock();
  const said: string[] = [];
  const memory = new TableMemory({ session, clock, log: logInto(said) });
  const learn = (merchant: string, policy: string): void => {
    memory.remember(key(merchant), 7, { policy, version: "1", fetchedAt: clock.now() });
  };
  return { memory, learn, session, clock, said };
}

test("what was learnt of many merchants is written at once, of each the last", async (t) => {
  const { learn, session, clock } = memoryOf();
  learn("M-1", "old");
  learn("M-2", "two");
  learn("M-1", "new");

  await clock.advance(100);

  t.is(session.asked.length, 1);
  t.like(session.asked[0], { name: rememberLimits.name });
  t.deepEqual(session.asked[0]?.values[0], [key("M-2").text, key("M-1").text]);
  t.deepEqual(session.asked[0]?.values[2], ["two", "new"]);
});

test("a merchant without a policy any more is forgotten", async (t) => {
  const { memory, learn, session, clock } = memoryOf();
  learn("M-1", "one");
  memory.forget(key("M-1"), clock.now());

  await clock.advance(100);

  t.deepEqual(
    session.asked.map(({ name, values }) => [name, values[0]]),
    [[forgetLimits.name, [key("M-1").text]]],
  );
});

test("what could not be written is written later, with what was learnt meanwhile", async (t) => {
  const { learn, session, clock, said } = memoryOf();
  learn("M-1", "one");
  await clock.advance(100);
  learn("M-1", "newer");
  session.asked[0]?.fail(new Error("no connection"));
  await settled();
  t.deepEqual(said, ["limits could not be kept, will be retried"]);

  await clock.advance(5_000);
  t.deepEqual(session.asked[1]?.values[2], ["newer"]);
  session.asked[1]?.answer([]);
  await clock.advance(60_000);

  t.is(session.asked.length, 2, "and then there is nothing to write");
});

test("an orderly end writes what waits", async (t) => {
  const { memory, learn, session } = memoryOf();
  learn("M-1", "one");
  const ended = memory.stop();
  await settled();
  session.asked[0]?.answer([]);
  await ended;

  t.is(session.asked.length, 1);
});
