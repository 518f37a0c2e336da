import test from "ava";

import { sameForAll } from "../../../shards/limits/default.ts";
import { Served } from "../../../shards/served.ts";
import { Shard } from "../../../shards/shard.ts";
import { localBus } from "../../../src/platform/bus.ts";
import { shardSubject } from "../../../src/wire/subject.ts";
import { inboxOf } from "../../support/inbox-harness.ts";
import { limits, midday, thresholds } from "../../support/quota-builders.ts";

const leaseMs = 2_000;
const subject = shardSubject(1);

function shardOf(id: number, epoch: bigint): Shard {
  const around = {
    now: () => midday,
    newId: () => "0199f0a0-0000-7000-8000-000000000000",
    limits: sameForAll(() => limits()),
    thresholds: () => thresholds,
    record: () => 1,
  };
  return new Shard({ id, epoch, around, actorsMax: 4, writtenSeq: () => 0 });
}

/** A node that serves shard 1 in its third epoch, from a lease that has just been prolonged. */
function serving() {
  const { inbox, clock } = inboxOf();
  const bus = localBus();
  let leasedMs = 0;
  const mayAnswer = (): boolean => true;
  const holdsLease = (): boolean => clock.elapsedMs() - leasedMs < leaseMs;
  const served = new Served({ bus, clock, leaseMs, mayAnswer }, inbox, holdsLease);
  const renew = (): void => {
    leasedMs = clock.elapsedMs();
    served.leased(leasedMs);
  };
  renew();
  served.add(shardOf(1, 3n));
  return { served, bus, clock, renew };
}

test("past its lease a node hears nothing of its shards, until it is prolonged", async (t) => {
  const { bus, clock, renew } = serving();

  await clock.advance(leaseMs - 1);
  t.true(bus.serves(subject));
  await clock.advance(1);
  t.false(bus.serves(subject));
  renew();
  t.true(bus.serves(subject));
  await clock.advance(leaseMs - 1);
  renew();
  await clock.advance(leaseMs - 1);
  t.true(bus.serves(subject), "it is prolonged in time");
});

test("what was hung up for good stays so when the lease would have ended", async (t) => {
  const { served, bus, clock } = serving();

  served.hangUp();
  await clock.advance(2 * leaseMs);

  t.false(bus.serves(subject));
  t.is(clock.timers, 1, "the inbox's own");
});

test("a shard that is missing from those that are owned, or in another epoch, is a bug; all of them missing is a closed writer", (t) => {
  const { served } = serving();
  const other = { shard: 2, epoch: 1n };

  t.is(served.astray([{ shard: 1, epoch: 3n }]), null);
  t.like(served.astray([other]), { code: "INTERNAL" });
  t.like(served.astray([{ shard: 1, epoch: 4n }]), { code: "INTERNAL" });
  t.like(served.astray([]), {
    code: "SHARD_UNAVAILABLE",
    message: "the writer was closed by another node",
  });
});
