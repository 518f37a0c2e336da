import test from "ava";

import { sameForAll } from "../../../shards/limits/default.ts";
import { Shard } from "../../../shards/shard.ts";
import { minor } from "../../../src/domain/money.ts";
import { consume, key, limits, midday, thresholds } from "../../support/quota-builders.ts";

const merchants = Array.from({ length: 10 }, (_, n) => key(`M-${n}`));

const unknown = { keys: new Map(), limits: new Map() };

function shardOf() {
  let seq = 0;
  let writtenSeq = 0;
  const inForce = limits();
  const shard = new Shard({
    id: 1,
    epoch: 1n,
    around: {
      now: () => midday,
      newId: () => "0199f0a0-0000-7000-8000-000000000000",
      limits: sameForAll(() => inForce),
      thresholds: () => thresholds,
      record: () => (seq += 1),
    },
    actorsMax: 4,
    writtenSeq: () => writtenSeq,
  });
  const take = (owner: (typeof merchants)[number]) =>
    shard.wake(owner, unknown).turn({ ...consume("A-1", 5n), key: owner }, () => undefined);
  return {
    shard,
    take,
    written: (upTo: number) => {
      writtenSeq = upTo;
    },
  };
}

test("a merchant whose facts are not in the tables stays in memory, whatever the bound", (t) => {
  const { shard, take } = shardOf();
  for (const merchant of merchants) take(merchant);

  for (let round = 0; round < 5; round += 1) shard.trim();

  t.is(shard.resident, 10);
});

test("those without a turn since the last look go first, once the tables have them, down to the bound", (t) => {
  const { shard, take, written } = shardOf();
  for (const merchant of merchants) take(merchant);
  for (let round = 0; round < 2; round += 1) shard.trim();
  const [first] = merchants;
  if (first) shard.wake(first, unknown).turn({ kind: "get", key: first }, () => undefined);

  written(10);
  for (let round = 0; round < 2; round += 1) shard.trim();

  t.is(shard.resident, 4);
  t.truthy(first && shard.residentActor(first));
});

test("a reader knows the batch of all that it has seen, a question too", (t) => {
  const { shard, take } = shardOf();
  const owner = key("M-1");
  const actor = shard.wake(owner, unknown);
  actor.turn({ kind: "get", key: owner }, () => undefined);
  t.is(actor.lastSeq, 0);
  take(owner);
  t.is(actor.lastSeq, 1);

  actor.turn({ kind: "check", key: owner, amount: minor(1n) }, () => undefined);

  t.is(actor.lastSeq, 1);
});
