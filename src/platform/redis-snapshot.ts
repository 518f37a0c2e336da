import type { RedisLine } from "./redis.ts";
import { runScript, scriptOf } from "./redis-script.ts";

/*
 * One hash a merchant, `quota:snapshots:<merchant>`: a field for each of its currencies, "<version> <text>".
 *
 *     absent ──fill: all currencies, read at one time──▶ kept ──10 s after that time──▶ absent
 *                                                         └─put: one currency, newer version─┘
 *
 * Invariant: a hash was whole when it was filled. `put` adds to one that is there and makes none; eviction, flush and
 * expiry take it whole. What was missed, by a node that could not reach Redis, or between the reading and the filling,
 * is missed for 10 s at most, because neither a put nor a restart prolongs that.
 */

/** From the time when a merchant's currencies were read. */
const keptMs = 10_000;

/** One currency of a merchant, as text that only its reader understands. */
export interface SharedSnapshot {
  readonly merchantId: string;
  readonly currency: string;
  readonly version: number;
  readonly text: string;
}

/** What stands in a merchant's currencies, for lists: at most 10 s old, usually a blink. Nothing decides by it. */
export interface SnapshotShare {
  /** Never rejects. @returns the texts of all currencies of a merchant; null = a miss */
  list(merchantId: string): Promise<readonly string[] | null>;
  /**
   * Never rejects.
   * @param all every currency of the merchant
   * @param ageMs since their reading began
   */
  fill(merchantId: string, all: readonly SharedSnapshot[], ageMs: number): Promise<void>;
  /** Never rejects. @returns the merchants that a `put` would be of use for */
  listed(merchantIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Newer versions of currencies, of any merchants; never rejects. */
  put(changed: readonly SharedSnapshot[]): Promise<void>;
}

const fillScript = scriptOf(`
  local newer = {}
  for i = 2, #ARGV, 3 do
    local held = redis.call('hget', KEYS[1], ARGV[i])
    if not held or tonumber(string.match(held, '^%d+')) <= tonumber(ARGV[i + 1]) then
      newer[#newer + 1] = ARGV[i]
      newer[#newer + 1] = ARGV[i + 1] .. ' ' .. ARGV[i + 2]
    end
  end
  -- At once, so that a full Redis has all of it or nothing.
  if #newer > 0 then redis.call('hset', KEYS[1], unpack(newer)) end
  redis.call('pexpire', KEYS[1], ARGV[1])`);

const putScript = scriptOf(`
  for i = 1, #KEYS do
    local currency, version, text = ARGV[3 * i - 2], ARGV[3 * i - 1], ARGV[3 * i]
    if redis.call('exists', KEYS[i]) == 1 then
      local held = redis.call('hget', KEYS[i], currency)
      if not held or tonumber(string.match(held, '^%d+')) < tonumber(version) then
        redis.call('hset', KEYS[i], currency, version .. ' ' .. text)
      end
    end
  end`);

const listedScript = scriptOf(`
  local listed = {}
  for i = 1, #KEYS do listed[i] = redis.call('exists', KEYS[i]) end
  return listed`);

export function snapshotShare(redis: RedisLine): SnapshotShare {
  return {
    list: async (merchantId) => {
      const values = await redis.use((client) => client.hvals(nameOf(merchantId)));
      if (values === undefined || values.length === 0) return null;
      return values.map((value) => value.slice(value.indexOf(" ") + 1));
    },
    fill: async (merchantId, all, ageMs) => {
      const leftMs = Math.floor(keptMs - ageMs);
      if (all.length === 0 || leftMs <= 0) return;
      const values = [leftMs, ...all.flatMap(valuesOf)];
      await redis.use((client) => runScript(client, fillScript, [nameOf(merchantId)], values));
    },
    listed: async (merchantIds) => {
      const names = merchantIds.map(nameOf);
      const marks = await redis.use((client) => runScript(client, listedScript, names, []));
      return new Set(Array.isArray(marks) ? merchantIds.filter((_, i) => marks[i] === 1) : []);
    },
    put: async (changed) => {
      const names = changed.map(({ merchantId }) => nameOf(merchantId));
      await redis.use((client) => runScript(client, putScript, names, changed.flatMap(valuesOf)));
    },
  };
}

function valuesOf({ currency, version, text }: SharedSnapshot): readonly (string | number)[] {
  return [currency, version, text];
}

function nameOf(merchantId: string): string {
  return `quota:snapshots:${merchantId}`;
}
