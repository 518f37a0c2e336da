import type { Session, Statement } from "./database.ts";
import type { JobLock } from "./lock.ts";

/** "job" in ASCII: sets the locks of this service's jobs apart from other advisory locks of the database. */
const family = 0x6a6f62;

const takeJobLock: Statement = {
  name: "take_job_lock",
  text: "select pg_try_advisory_lock($1::int, hashtext($2)) as taken",
};
const giveJobLock: Statement = {
  name: "give_job_lock",
  text: "select pg_advisory_unlock($1::int, hashtext($2))",
};

/**
 * Locks of Postgres' own, each held by the session's connection: they end with it, so that the lock of a dead node
 * is free at once. A session that connects anew has lost them without being told.
 */
export function postgresLock(session: Session): JobLock {
  /** To Postgres a connection's second request for its own lock is no conflict. */
  const held = new Set<string>();
  return {
    async hold(name, run) {
      if (held.has(name)) return false;
      held.add(name);
      try {
        const [row] = await session.run(takeJobLock, [family, name]);
        if (row?.["taken"] !== true) return false;
        try {
          await run(new AbortController().signal);
        } finally {
          // What became of the job is known; a lock that cannot be given back ends with its connection.
          await session.run(giveJobLock, [family, name]).catch(() => undefined);
        }
        return true;
      } finally {
        held.delete(name);
      }
    },
  };
}
