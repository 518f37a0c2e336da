import { Redis } from "ioredis";

import { type Ground, loadProgram } from "./ground.ts";
import { outputOf } from "./program.ts";
import { type Case, doubtOf, type Sample } from "./sample.ts";

/*
 * What a good engineer would write in place of this service with Redis alone: one script a consume, every effect in the
 * append-only file and synced before the answer. It does the same job as far as Redis has words for it: an order has one
 * effect and a repeat gets the first answer, three windows, three limits, an entry in a stream that says what stood
 * before and after. The caller names the periods: a script has no calendar. redis-benchmark fills in random numbers, of
 * which the first is the merchant's by its remainder.
 */
const script = `
local merchant = tonumber(ARGV[1]) % tonumber(ARGV[2])
local order = 'o:' .. merchant .. ':' .. ARGV[3]
local first = redis.call('GET', order)
if first then return first end
local amount = tonumber(ARGV[4])
local key = 'q:' .. merchant
local q = redis.call('HMGET', key, 'day', 'month', 'year', 'dayUsed', 'monthUsed', 'yearUsed', 'dayMax', 'monthMax', 'yearMax')
local day = q[1] == ARGV[5] and tonumber(q[4]) or 0
local month = q[2] == ARGV[6] and tonumber(q[5]) or 0
local year = q[3] == ARGV[7] and tonumber(q[6]) or 0
local max = 1000000000000
if day + amount > tonumber(q[7] or max) or month + amount > tonumber(q[8] or max) or year + amount > tonumber(q[9] or max) then
  return redis.error_reply('LIMIT_EXCEEDED')
end
redis.call('HSET', key, 'day', ARGV[5], 'month', ARGV[6], 'year', ARGV[7],
  'dayUsed', day + amount, 'monthUsed', month + amount, 'yearUsed', year + amount)
redis.call('XADD', 'log', '*', 'merchant', merchant, 'order', ARGV[3], 'amount', amount,
  'day', day, 'month', month, 'year', year)
local answer = (day + amount) .. ' ' .. (month + amount) .. ' ' .. (year + amount)
redis.call('SET', order, answer)
return answer
`;

const clients = 50;
const randomMax = 2_147_483_647;
const firstCalls = 2_000;

/** A Redis script with the append-only file synced at each write, called by redis-benchmark. */
export function redisPeers(ground: Ground, merchants: number): readonly Case[] {
  const over = (name: string, what: string, pipeline: number): Case => ({
    name,
    what,
    measure: (_run, seconds) => measure(ground, { merchants, pipeline, seconds }),
  });
  return [
    over("redis", `Redis script, AOF always, ${clients} clients`, 1),
    over("redis-pipelined", `Redis script, AOF always, ${clients} clients, 16 in a pipeline`, 16),
  ];
}

interface Load {
  readonly merchants: number;
  readonly pipeline: number;
  readonly seconds: number;
}

/** redis-benchmark counts calls and no seconds: a short run says how many fill the time. */
async function measure(ground: Ground, load: Load): Promise<Sample> {
  const { host, port } = ground.redis;
  const redis = new Redis({ host, port });
  try {
    await redis.flushall();
    const digest = String(await redis.script("LOAD", script));
    const short = await calls(ground, digest, load, firstCalls * load.pipeline);
    // Whole pipelines: it would send the last one whole anyway.
    const pipelines = Math.round((short.perSecond * load.seconds) / load.pipeline);
    const count = Math.max(firstCalls, pipelines) * load.pipeline;
    await redis.flushall();
    const measured = await calls(ground, digest, load, count);
    return { ...measured, operations: count, doubt: await doubtAbout(redis, load, count) };
  } finally {
    redis.disconnect();
  }
}

async function calls(
  ground: Ground,
  digest: string,
  { merchants, pipeline }: Load,
  count: number,
): Promise<Pick<Sample, "perSecond" | "p50Ms" | "p99Ms" | "details">> {
  const now = new Date().toISOString();
  const random = "__rand_int__";
  const output = await outputOf(ground, loadProgram("redis-benchmark"), [
    ...["-h", ground.redis.host, "-p", String(ground.redis.port), "--csv"],
    ...["-c", String(clients), "-P", String(pipeline), "-n", String(count), "-r", `${randomMax}`],
    ...["EVALSHA", digest, "0", random, String(merchants), `${random}-${random}`, "1"],
    ...[now.slice(0, 10), now.slice(0, 7), now.slice(0, 4)],
  ]);
  const line = output.split("\n").findLast((text) => text.startsWith(`"EVALSHA`)) ?? "";
  const [, perSecond, , , p50Ms, , p99Ms] = [...line.matchAll(/"([^"]*)"/g)].map(([, cell]) =>
    Number(cell),
  );
  if (perSecond === undefined || p50Ms === undefined || p99Ms === undefined) {
    throw new Error(`redis-benchmark gave no figures:\n${output}`);
  }
  return { perSecond, p50Ms, p99Ms, details: {} };
}

async function doubtAbout(
  redis: Redis,
  { merchants }: Load,
  count: number,
): Promise<string | null> {
  const reads = redis.pipeline();
  for (let n = 0; n < merchants; n += 1) reads.hget(`q:${n}`, "yearUsed");
  const used = (await reads.exec()) ?? [];
  const sum = used.reduce((all, [, value]) => all + Number(value ?? 0), 0);
  const entries = await redis.xlen("log");
  const touched = used.filter(([, value]) => value !== null).length;
  const orders = (await redis.dbsize()) - touched - 1;
  return doubtOf([
    sum === count && entries === count && orders === count,
    `used ${sum}, log ${entries}, orders ${orders} for ${count} calls`,
  ]);
}
