import test from "ava";

import { Shard } from "../../../shards/shard.ts";
import { minor } from "../../../src/domain/money.ts";
import { consume, key, limits, midday, thresholds } from "../../support/quota-builders.ts";

const merchants = Array.from({ length: 10 }, (_, n) => key(`M-${n}`));

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
      limits: { of: () => inForce },
      thresholds,
      record: () => (seq += 1),
    },
    actorsMax: 4,
    writtenSeq: () => writtenSeq,
  });
  const take = (owner: (typeof merchants)[number]) =>
    shard.turn({ ...consume("A-1", 5n), key: owner }, () => undefined, undefined);
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

  shard.trim();

  t.is(shard.resident, 10);
});

test("those used longest ago go first, once the tables have them, down to the bound", (t) => {
  const { shard, take, written } = shardOf();
  for (const merchant of merchants) take(merchant);
  const [first] = merchants;
  if (first) shard.turn({ kind: "get", key: first }, () => undefined, undefined);

  written(10);
  shard.trim();

  t.is(shard.resident, 4);
  t.deepEqual(
    merchants
      .filter((merchant) => !shard.isCold(merchant))
      .map(({ merchantId }) => String(merchantId)),
    ["M-0", "M-7", "M-8", "M-9"],
  );
});

test("an answer names the batch of all that it has seen, a question's too", (t) => {
  const { shard, take } = shardOf();
  const owner = key("M-1");
  t.is(shard.turn({ kind: "get", key: owner }, () => undefined, undefined).seq, 0);
  t.is(take(owner).seq, 1);

  const check = { kind: "check", key: owner, amount: minor(1n) } as const;

  t.is(shard.turn(check, () => undefined, undefined).seq, 1);
});
