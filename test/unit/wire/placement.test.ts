import test from "ava";
import { affinity, shardOf } from "../../../src/wire/placement.ts";
import { key, rawKey } from "../../support/quota-builders.ts";

/** Modulo 2^32 a shard is the hash itself. */
function hashOf(merchantId: string, currency: string): number {
  return shardOf(rawKey(merchantId, currency), 2 ** 32);
}

test("the hash is FNV-1a of 32 bits, by its published vectors", (t) => {
  t.is(hashOf("", ""), 0x811c9dc5);
  t.is(hashOf("a", ""), 0xe40c292c);
  t.is(hashOf("", "a"), 0xe40c292c);
  t.is(hashOf("foobar", ""), 0xbf9cf968);
});

test("merchant and currency are hashed as one text, as the NATS server joins them", (t) => {
  for (let cut = 0; cut <= 6; cut++) {
    t.is(hashOf("foobar".slice(0, cut), "foobar".slice(cut)), 0xbf9cf968);
  }
});

test("nobody moves a key by changing the hash", (t) => {
  const shards = [
    ["M-1", "USD", 106],
    ["M-1", "EUR", 78],
    ["M-2", "USD", 225],
    ["merchant_42", "JPY", 53],
    ["0b5e4c1a-7f5d-4a51-9d3b-3f3b8b0a9f10", "USD", 48],
    ["0b5e4c1a-7f5d-4a51-9d3b-3f3b8b0a9f10", "CNY", 228],
    ["f47ac10b-58cc-4372-a567-0e02b2c3d479", "HKD", 151],
    ["a", "KWD", 182],
    ["x".repeat(64), "CLF", 212],
    ["_-", "XAF", 80],
  ] as const;
  for (const [merchantId, currency, shard] of shards) {
    t.is(shardOf(key(merchantId, currency), 256), shard, `${merchantId} ${currency}`);
  }
});

test("keys are spread evenly over 256 shards", (t) => {
  const counts = new Array<number>(256).fill(0);
  const keysPerShard = 100;
  for (let n = 0; n < 256 * keysPerShard; n++) {
    const shard = shardOf(key(`merchant-${n}`, "USD"), 256);
    counts[shard] = (counts[shard] ?? NaN) + 1;
  }

  // A fair hash puts 100 ± 10 keys on a shard; six times that never happens by chance.
  t.true(Math.min(...counts) > 40, `the emptiest shard has ${Math.min(...counts)}`);
  t.true(Math.max(...counts) < 160, `the fullest shard has ${Math.max(...counts)}`);
});

test("a merchant's currencies are not bound to one shard", (t) => {
  const shards = ["USD", "EUR", "JPY", "KWD"].map((currency) => shardOf(key("M-1", currency), 256));

  t.is(new Set(shards).size, 4);
});

test("with one shard it owns every key, and a shard is always below the count", (t) => {
  for (const count of [1, 3, 256, 4096]) {
    for (let n = 0; n < 200; n++) {
      const shard = shardOf(key(`m${n}`, "USD"), count);
      t.true(Number.isInteger(shard) && shard >= 0 && shard < count);
    }
  }
});

test("of nodes with alike names each is the first choice of its share of the shards", (t) => {
  for (let nodes = 2; nodes <= 8; nodes++) {
    const counts = new Array<number>(nodes).fill(0);
    const shards = 16_384;
    for (let shard = 0; shard < shards; shard++) {
      const weights = counts.map((_, n) => affinity(`quota-shard-${n}`, shard));
      const first = weights.indexOf(Math.max(...weights));
      counts[first] = (counts[first] ?? NaN) + 1;
    }

    const fair = shards / nodes;
    t.true(Math.max(...counts) < fair * 1.1, `${nodes} nodes: ${counts.join(" ")}`);
    t.true(Math.min(...counts) > fair * 0.9, `${nodes} nodes: ${counts.join(" ")}`);
  }
});

test("nobody moves a shard by changing the affinity", (t) => {
  t.deepEqual(
    [affinity("a", 0), affinity("a", 1), affinity("quota-shard-2", 255)],
    [2_818_879_272, 4_173_474_068, 4_027_055_508],
  );
});
