import { hostname, userInfo } from "node:os";

import { underOperatorLock } from "../../shards/operators/lock.ts";
import type { Config } from "../../src/config.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { Database } from "../../src/platform/database.ts";
import { postgresLock } from "../../src/platform/lock-postgres.ts";
import { Ending } from "./ending.ts";
import { openedRedis } from "./redis.ts";

/**
 * Does what one operator may do at a time: under a lock in Redis or, without it, in Postgres.
 * @param title what is done, for whoever finds the lock taken
 * @throws Ending that names who has the lock, and whatever `run` throws
 */
export async function asOnlyOperator<T>(
  around: { readonly config: Config; readonly database: Database; readonly clock: Clock },
  title: string,
  run: () => Promise<T>,
): Promise<T> {
  const { config, database, clock } = around;
  const session = database.session("jobs");
  const otherwise = postgresLock(session);
  const redis = await openedRedis(config, clock);
  try {
    const lock = redis
      ? (await import("../../src/platform/lock-redis.ts")).redisLock(redis.client, otherwise)
      : otherwise;
    const who = `quotactl ${userName()}@${hostname()} ${process.pid}: ${title}`;
    const locked = await underOperatorLock({ lock, session }, who, run);
    if (locked.kind === "occupied") throw new Ending("occupied", locked.by);
    return locked.result;
  } finally {
    redis?.close();
  }
}

/** A container's user may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "somebody");
  }
}
