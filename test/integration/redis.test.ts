import { instant } from "../../src/domain/instant.ts";
import type { RedisLine } from "../../src/platform/redis.ts";
import { policyShare } from "../../src/platform/redis-policy.ts";
import { storedKey } from "../../src/wire/codec.ts";
import { until } from "../support/node-clock.ts";
import { lineTo, redisContract } from "../support/redis-contract.ts";

const { test, onRedis } = redisContract();
const key = storedKey("M-1", "USD");
const fetchedAt = instant(1_800_000_000_000);
const hourMs = 3_600_000;

const serves = "Redis serves";
const away = "Redis is away: shared values are missed until it is back";
const full = "Redis is full: what is not kept there is missed";

onRedis("a policy that one node fetched is known to another", async (t, { server, redis }) => {
  const other = lineTo(server);
  t.teardown(() => {
    other.close();
  });
  await until("Redis is reached", () => other.trouble === null);

  await policyShare(redis).put(key, '{"daily_limit":"5"}\n', fetchedAt, hourMs);

  const shared = await policyShare(other).get(key);
  t.deepEqual(shared, { policy: '{"daily_limit":"5"}\n', fetchedAt });
  t.is(await policyShare(other).get(storedKey("M-1", "EUR")), null);
});

onRedis(
  "a policy is kept for 30 days at most, and a very long one not at all",
  async (t, { redis }) => {
    const policies = policyShare(redis);
    await policies.put(key, "{}", fetchedAt, Number.MAX_SAFE_INTEGER);
    await policies.put(storedKey("M-2", "USD"), "x".repeat(20_000), fetchedAt, hourMs);

    const leftMs = await redis.client.pttl("quota:policy:M-1:USD");

    t.true(leftMs > 29 * 24 * hourMs && leftMs <= 30 * 24 * hourMs);
    t.is(await policies.get(storedKey("M-2", "USD")), null);
  },
);

onRedis("what somebody else wrote in a policy's place is a miss", async (t, { redis }) => {
  await redis.client.set("quota:policy:M-1:USD", "not of ours");
  await redis.client.hset("quota:policy:M-1:EUR", "field", "1");

  t.is(await policyShare(redis).get(key), null);
  t.is(await policyShare(redis).get(storedKey("M-1", "EUR")), null);
});

onRedis(
  "a Redis that is killed is missed, said once, and used again when it is back",
  async (t, { server, redis, logged }) => {
    const policies = policyShare(redis);
    await policies.put(key, "{}", fetchedAt, hourMs);

    await server.kill();
    await until("Redis is away", () => redis.trouble !== null);
    await policies.put(key, "{}", fetchedAt, hourMs);
    t.is(await policies.get(key), null);
    t.regex(redis.trouble ?? "", /is away/);
    await server.restart();
    await until("Redis is reached", () => redis.trouble === null);

    t.is(await policies.get(key), null, "it came back empty");
    await policies.put(key, "{}", fetchedAt, hourMs);
    t.deepEqual(await policies.get(key), { policy: "{}", fetchedAt });
    t.deepEqual(logged, [serves, away, serves]);
  },
);

onRedis("a Redis that is full is missed and said once, and still read", async (t, stage) => {
  const { redis, logged } = stage;
  const policies = policyShare(redis);
  await policies.put(key, "{}", fetchedAt, hourMs);
  await redis.client.config("SET", "maxmemory-policy", "noeviction");
  await redis.client.config("SET", "maxmemory", "1mb");

  for (const merchant of ["M-2", "M-3", "M-4"]) {
    await policies.put(storedKey(merchant, "USD"), "{}", fetchedAt, hourMs);
  }

  t.is(await policies.get(storedKey("M-2", "USD")), null);
  t.deepEqual(await policies.get(key), { policy: "{}", fetchedAt });
  t.deepEqual(logged, [serves, full]);
});

onRedis("a Redis that hangs is given up, and costs no waiting then", async (t, { redis }) => {
  const pid = await pidOf(redis);
  process.kill(pid, "SIGSTOP");
  t.teardown(() => process.kill(pid, "SIGCONT"));

  t.is(await policyShare(redis).get(key), null);
  await until("Redis is away", () => redis.trouble !== null);
  t.is(await redis.use((client) => client.get("any")), undefined);
  process.kill(pid, "SIGCONT");

  await until("Redis is reached", () => redis.trouble === null);
  t.is(await redis.use((client) => client.ping()), "PONG");
});

onRedis("a Redis that knows another password is away, and says why", async (t, { server }) => {
  const logged: string[] = [];
  const stranger = lineTo({ ...server, password: "another" }, logged);
  t.teardown(() => {
    stranger.close();
  });

  await until("it is logged", () => logged.length > 0);

  t.deepEqual(logged, [away]);
  t.regex(stranger.trouble ?? "", /WRONGPASS/);
});

test("a Redis that nobody runs is away from the beginning", async (t) => {
  const logged: string[] = [];
  const nowhere = lineTo({ host: "127.0.0.1", port: 1, password: null }, logged);
  t.teardown(() => {
    nowhere.close();
  });

  await until("it is logged", () => logged.length > 0);

  t.deepEqual(logged, [away]);
  t.is(await nowhere.use((client) => client.ping()), undefined);
});

async function pidOf(redis: RedisLine): Promise<number> {
  const [, pid] = /process_id:(\d+)/.exec(await redis.client.info("server")) ?? [];
  if (pid === undefined) throw new Error("Redis has no process");
  return Number(pid);
}
