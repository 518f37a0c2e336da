import { hostname, userInfo } from "node:os";

import type { Config } from "../../src/config.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { Database, Session, Statement } from "../../src/platform/database.ts";
import { postgresLock } from "../../src/platform/lock-postgres.ts";
import { redisLock } from "../../src/platform/lock-redis.ts";
import { Ending } from "./ending.ts";
import { openedRedis } from "./redis.ts";

/** One name for all that operators do to the shards: who plans by what another is about to change plans wrongly. */
const lockName = "operator";
/** Postgres keeps no longer name of a connection. */
const nameCharactersMax = 63;

/** Whoever has the lock says so in the name of a connection: it is seen by all others, and ends with the process. */
const sayWho: Statement = {
  name: "ops_say_who",
  text: `select set_config('application_name', $1, false)`,
};

const selectHolder: Statement = {
  name: "ops_holder",
  text: `
    select application_name as who, backend_start as since from pg_stat_activity
    where datname = current_database() and application_name like 'quotactl %'
    order by backend_start
    limit 1`,
};

/**
 * Does what one operator may do at a time: under a lock in Redis or, without it, in Postgres.
 * @param title what is done, for whoever finds the lock taken
 * @throws Ending that names who has the lock, and whatever `run` throws
 */
export async function underOperatorLock<T>(
  around: { readonly config: Config; readonly database: Database; readonly clock: Clock },
  title: string,
  run: () => Promise<T>,
): Promise<T> {
  const { config, database, clock } = around;
  const session = database.session("jobs");
  const otherwise = postgresLock(session);
  const redis = await openedRedis(config, clock);
  try {
    const lock = redis ? redisLock(redis.client, otherwise) : otherwise;
    // A lock that is lost does not stop the work: what was wished is a row, and the rest is waiting for it.
    let done: { readonly result: T } | undefined;
    await lock.hold(lockName, async () => {
      await session.run(sayWho, [nameOf(title)]);
      done = { result: await run() };
    });
    if (!done) throw new Ending("occupied", await holderOf(session));
    return done.result;
  } finally {
    redis?.close();
  }
}

async function holderOf(session: Session): Promise<string> {
  const [row] = await session.run(selectHolder);
  if (!row) return "another operator is at it, or was cut off within the last 30 s: try again";
  const since = row["since"] instanceof Date ? row["since"].toISOString() : "now";
  return `another operator is at it: ${String(row["who"])}, since ${since}; nothing was changed`;
}

function nameOf(title: string): string {
  const who = `quotactl ${userName()}@${hostname()} ${process.pid}: ${title}`;
  return who.replaceAll(/[^ -~]/g, "?").slice(0, nameCharactersMax);
}

/** A container's user may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "somebody");
  }
}
