import { SnapshotFeed } from "../../shards/snapshot-feed.ts";
import { minor } from "../../src/domain/money.ts";
import { snapshotShare } from "../../src/platform/redis-snapshot.ts";
import { snapshotFrom } from "../../src/wire/snapshot.ts";
import { until } from "../support/node-clock.ts";
import { key, limits, quotaWith } from "../support/quota-builders.ts";
import { lineTo, redisContract } from "../support/redis-contract.ts";

const { onRedis } = redisContract();
const name = "quota:snapshots:M-1";

const shared = (currency: string, version: number, merchantId = "M-1") => ({
  merchantId,
  currency,
  version,
  text: `${currency} at ${version}`,
});

onRedis("of two nodes that write out of order the newer version wins", async (t, stage) => {
  const other = lineTo(stage.server);
  t.teardown(() => {
    other.close();
  });
  await until("Redis is reached", () => other.trouble === null);
  const [one, two] = [snapshotShare(stage.redis), snapshotShare(other)];
  await one.fill("M-1", [shared("EUR", 9), shared("USD", 1)], 0);

  await one.put([shared("USD", 10), shared("EUR", 8)]);
  await two.put([shared("USD", 9), shared("JPY", 1)]);
  t.deepEqual((await two.list("M-1"))?.toSorted(), ["EUR at 9", "JPY at 1", "USD at 10"]);
  await two.fill("M-1", [shared("EUR", 10), shared("USD", 2)], 0);

  t.deepEqual((await one.list("M-1"))?.toSorted(), ["EUR at 10", "JPY at 1", "USD at 10"]);
});

onRedis("what an owner changes is in the list that somebody reads", async (t, { redis }) => {
  const snapshots = snapshotShare(redis);
  const feed = new SnapshotFeed(snapshots);
  await snapshots.fill("M-1", [shared("USD", 1)], 0);

  feed.changed(5, quotaWith({ used: 7n, rest: { version: 2 } }), limits());
  feed.changed(5, quotaWith({ used: 7n, rest: { key: key("M-2"), version: 2 } }), limits());
  feed.written(5);
  await until(
    "the list is filled",
    async () => snapshotFrom((await snapshots.list("M-1"))?.[0] ?? "") !== undefined,
  );

  const [text = ""] = (await snapshots.list("M-1")) ?? [];
  t.is(snapshotFrom(text)?.quota.windows.daily.used, minor(7n));
  t.is(await snapshots.list("M-2"), null);
});

onRedis("a list that nobody filled is never there in part", async (t, { redis }) => {
  const snapshots = snapshotShare(redis);
  await snapshots.fill("M-2", [shared("USD", 1, "M-2")], 0);

  await snapshots.put([shared("USD", 1), shared("USD", 2, "M-2")]);

  t.is(await snapshots.list("M-1"), null);
  t.deepEqual(await snapshots.list("M-2"), ["USD at 2"]);
  t.deepEqual(await snapshots.listed(["M-1", "M-2"]), new Set(["M-2"]));
});

onRedis("what was missed is missed for ten seconds at most", async (t, { redis }) => {
  const snapshots = snapshotShare(redis);
  await snapshots.fill("M-1", [shared("USD", 1)], 4_000);

  await snapshots.put([shared("USD", 2)]);

  const leftMs = await redis.client.pttl(name);
  t.true(leftMs > 0 && leftMs <= 6_000, "from the reading on, whoever writes");
  await snapshots.fill("M-2", [shared("USD", 1, "M-2")], 10_000);
  t.is(await snapshots.list("M-2"), null, "it was read too long ago");
});

onRedis("a Redis that comes back old does not prolong a list", async (t, { server, redis }) => {
  const snapshots = snapshotShare(redis);
  await snapshots.fill("M-1", [shared("USD", 1)], 9_000);
  await redis.client.save();
  await server.kill();
  await server.restart();
  await until("Redis is reached", () => redis.trouble === null);

  await until("the list is gone", async () => (await snapshots.list("M-1")) === null);
  await snapshots.fill("M-1", [shared("USD", 2)], 0);

  t.deepEqual(await snapshots.list("M-1"), ["USD at 2"], "and knows its scripts again");
});

onRedis("a full Redis has a list whole or not at all", async (t, { redis }) => {
  const snapshots = snapshotShare(redis);
  await snapshots.fill("M-1", [shared("USD", 1)], 0);
  await redis.client.config("SET", "maxmemory-policy", "noeviction");
  await redis.client.config("SET", "maxmemory", "1mb");

  await snapshots.put([shared("USD", 2)]);
  await snapshots.fill("M-2", [shared("EUR", 1, "M-2"), shared("USD", 1, "M-2")], 0);

  t.deepEqual(await snapshots.list("M-1"), ["USD at 1"]);
  t.is(await snapshots.list("M-2"), null);
});

onRedis("while Redis is away every list is a miss, and no write fails", async (t, stage) => {
  const { server, redis } = stage;
  const snapshots = snapshotShare(redis);
  await snapshots.fill("M-1", [shared("USD", 1)], 0);
  await server.kill();
  await until("Redis is away", () => redis.trouble !== null);

  await snapshots.fill("M-1", [shared("USD", 2)], 0);
  await snapshots.put([shared("USD", 3)]);
  t.is(await snapshots.list("M-1"), null);
  t.deepEqual(await snapshots.listed(["M-1"]), new Set());
  await server.restart();
  await until("Redis is reached", () => redis.trouble === null);

  t.is(await snapshots.list("M-1"), null, "it came back empty");
});
