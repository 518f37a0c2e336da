import { once } from "node:events";

import type { Config } from "../../src/config.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { RedisLine } from "../../src/platform/redis.ts";

const log = { info: () => undefined, warn: () => undefined };

/**
 * Opens the Redis that the settings name, and waits until it is known whether it serves: its client finds out within
 * its own time limit.
 * @returns null when none is named
 */
export async function openedRedis(config: Config, clock: Clock): Promise<RedisLine | null> {
  const { redis } = config.neighbours;
  if (redis === null) return null;
  const { openRedis } = await import("../../src/platform/redis.ts");
  const line = openRedis({ ...redis, log, clock });
  const known = new AbortController();
  const { signal } = known;
  await Promise.race(
    ["ready", "close"].map((event) => once(line.client, event, { signal }).catch(() => null)),
  );
  known.abort();
  return line;
}
