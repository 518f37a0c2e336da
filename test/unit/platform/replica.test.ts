import test, { type ExecutionContext } from "ava";

import type { Row, Session } from "../../../src/platform/database.ts";
import { heartbeat, Replica } from "../../../src/platform/replica.ts";
import { Fault, type FaultCode } from "../../../src/wire/fault.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { settled } from "../../support/fake-session.ts";

const list = { name: "list", text: "select who" };
const near: Row = { is_replica: true, behind_ms: 20n };
const isOne = () => Promise.resolve(true);
const isNone = () => Promise.resolve(false);

/** A replica and its primary, each of which says who it is. */
function scene(t: ExecutionContext) {
  const clock = fakeClock();
  const logged: string[] = [];
  const note = (fields: unknown, text = String(fields)): void => {
    logged.push(text);
  };
  const its = {
    beat: (): Row => near,
    list: (): Row => ({ who: "replica" }),
    asked: 0,
  };
  const of = (answer: () => Row): Session => ({
    run: (statement) => {
      if (statement === list) its.asked += 1;
      return new Promise((resolve) => {
        resolve([statement === heartbeat ? its.beat() : answer()]);
      });
    },
  });
  const replicaSession = of(() => its.list());
  const primarySession = of(() => ({ who: "primary" }));
  const replica = new Replica({
    primary: { read: (body) => body(primarySession) },
    replica: { read: (body) => body(replicaSession) },
    beat: replicaSession,
    clock,
    log: { info: note, warn: note },
  });
  t.teardown(() => {
    replica.stop();
  });
  const who = async (): Promise<unknown> => (await replica.run(list))[0]?.["who"];
  return { replica, clock, its, logged, who };
}

function failing(code: FaultCode): () => Row {
  return () => {
    throw new Fault(code, "it fails");
  };
}

test("lists are read from a replica once its heart was heard", async (t) => {
  const { replica, who, logged } = scene(t);

  const before = await who();
  replica.start();
  await settled();

  t.deepEqual([before, await who()], ["primary", "replica"]);
  t.deepEqual(replica.replica, { trouble: null });
  t.deepEqual(logged, ["lists are read from the replica"]);
});

test("a replica that is gone is not asked, and is read again when it is back", async (t) => {
  const { replica, clock, its, who, logged } = scene(t);
  replica.start();
  await settled();
  its.beat = failing("SHARD_UNAVAILABLE");
  await clock.advance(3_000);

  its.asked = 0;
  t.is(await who(), "primary");
  t.is(its.asked, 1, "the primary alone was asked");
  t.deepEqual(replica.replica, { trouble: "it fails" });
  its.beat = () => near;
  await clock.advance(1_000);

  t.is(await who(), "replica");
  t.deepEqual(logged, [
    "lists are read from the replica",
    "the replica is not read: lists go to the primary",
    "lists are read from the replica",
  ]);
});

test("a list that is lost on the way is read from the primary", async (t) => {
  const { replica, its, who } = scene(t);
  replica.start();
  await settled();

  its.list = failing("SHARD_UNAVAILABLE");

  t.is(await who(), "primary");
});

test("a replica with too much to do does not pass it on to the primary", async (t) => {
  const { replica, its, who } = scene(t);
  replica.start();
  await settled();

  its.list = failing("OVERLOADED");

  await t.throwsAsync(who(), { message: "it fails" });
});

for (const [title, row, trouble] of [
  ["is far behind", { is_replica: true, behind_ms: 30_001n }, "it is over 30 s behind"],
  ["was promoted", { is_replica: false, behind_ms: null }, "it is no replica but a primary itself"],
  ["is empty", { is_replica: true, behind_ms: null }, "it has not replayed anything yet"],
] as const) {
  test(`a replica that ${title} is not read`, async (t) => {
    const { replica, its, who } = scene(t);
    its.beat = () => row;

    replica.start();
    await settled();

    t.is(await who(), "primary");
    t.deepEqual(replica.replica, { trouble });
  });
}

test("who knows what must be in a list reads it where it is, or nowhere", async (t) => {
  const { replica } = scene(t);
  replica.start();
  await settled();
  const who = async (session: Session): Promise<unknown> => (await session.run(list))[0]?.["who"];
  const atPrimary = async (session: Session): Promise<boolean> =>
    (await who(session)) === "primary";

  t.is(await replica.reaching(isOne, who), "replica");
  t.is(await replica.reaching(atPrimary, who), "primary");
  t.is(await replica.reaching(isNone, who), undefined);
});
