import test from "ava";

import { healthOf } from "../../../src/edge/health.ts";
import type { Database, Listings, Session } from "../../../src/platform/database.ts";
import { Fault } from "../../../src/wire/fault.ts";
import { fakeClock } from "../../support/fake-clock.ts";

const owner = { ready: true, trouble: null, shardsOwned: 256 };
const up: Session = { run: () => Promise.resolve([{ one: 1 }]) };
const down: Session = { run: () => Promise.reject(new Fault("OVERLOADED", "it is full")) };
const hanging: Session = { run: () => new Promise(() => undefined) };

function databaseOf(reads: Session, lease: Session, replica: Listings["replica"] = null): Database {
  const never = () => Promise.reject(new Error("health does not ask for it"));
  return {
    kind: "postgres",
    durability: "of a test",
    reads,
    listings: { ...reads, reaching: never, replica },
    session: (purpose) => (purpose === "lease" ? lease : down),
    transaction: never,
    migrate: never,
    close: never,
  };
}

test("a process whose readers wait for a connection is ready", async (t) => {
  const health = await healthOf(owner, databaseOf(down, up), fakeClock());

  t.like(health, { ready: true, parts: [{ name: "store", state: "up" }, { state: "up" }] });
});

test("a process whose lease cannot be renewed is not ready", async (t) => {
  const health = await healthOf(owner, databaseOf(up, down), fakeClock());

  t.like(health, { ready: false, parts: [{ state: "down", detail: "it is full" }] });
});

test("a store that hangs is down after a second", async (t) => {
  const clock = fakeClock();

  const asked = healthOf(owner, databaseOf(up, hanging), clock);
  await clock.advance(1_000);

  t.like(await asked, { ready: false, parts: [{ detail: "no answer within 1000 ms" }] });
});

test("a process without its replica and Redis is degraded, and ready", async (t) => {
  const database = databaseOf(up, up, { trouble: "it is over 30 s behind" });
  const redis = { name: "redis", trouble: "cache:6379 is away" };

  const health = await healthOf(owner, database, fakeClock(), [redis]);

  t.true(health.ready);
  t.deepEqual(health.parts.slice(2), [
    { name: "replica", state: "degraded", detail: "it is over 30 s behind" },
    { name: "redis", state: "degraded", detail: "cache:6379 is away" },
  ]);
});

test("a replica that is read is up, and one that nobody has is not a part", async (t) => {
  const without = await healthOf(owner, databaseOf(up, up), fakeClock());
  const { parts } = await healthOf(owner, databaseOf(up, up, { trouble: null }), fakeClock());

  t.is(without.parts.length, 2);
  t.deepEqual(parts[2], { name: "replica", state: "up" });
});
