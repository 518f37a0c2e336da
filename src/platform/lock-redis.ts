import { ExecutionError, Redlock, ResourceLockedError } from "@sesamecare-oss/redlock";
import type { Redis } from "ioredis";

import type { JobLock } from "./lock.ts";

/** How long a lock outlives its holder; a living one prolongs it. */
const lockMs = 30_000;
/** The lock is prolonged when no more than this is left of it. */
const prolongBeforeMs = 15_000;

/** What became of a run, whatever becomes of its lock. */
type Run = { readonly kind: "done" } | { readonly kind: "failed"; readonly error: unknown };

/**
 * Locks in Redis, by Redlock on one server; the other locks while Redis is away. Two nodes that disagree on that may
 * both hold a lock: see `JobLock`.
 * @param redis a client whose commands fail within a bounded time
 */
export function redisLock(redis: Redis, otherwise: JobLock): JobLock {
  const redlock = new Redlock([redis], {
    retryCount: 0,
    automaticExtensionThreshold: prolongBeforeMs,
  });
  // Each of these is also what an attempt ends with.
  redlock.on("error", () => undefined);
  return {
    async hold(name, run) {
      if (redis.status !== "ready") return otherwise.hold(name, run);
      let ended: Run | undefined;
      try {
        await redlock.using([`quota:job:${name}`], lockMs, async (lost) => {
          ended = await endOf(run(lost));
        });
      } catch (error) {
        // A lock that could not be given back ends by itself.
        if (ended === undefined) {
          return (await isHeld(error)) ? false : otherwise.hold(name, run);
        }
      }
      if (ended?.kind === "failed") throw ended.error;
      return true;
    },
  };
}

async function endOf(running: Promise<void>): Promise<Run> {
  try {
    await running;
    return { kind: "done" };
  } catch (error) {
    return { kind: "failed", error };
  }
}

/** Whether an attempt failed because somebody has the lock, and not because Redis did not answer as it should. */
async function isHeld(error: unknown): Promise<boolean> {
  if (!(error instanceof ExecutionError)) return false;
  for (const attempt of error.attempts) {
    const { votesAgainst } = await attempt;
    for (const reason of votesAgainst.values()) {
      if (reason instanceof ResourceLockedError) return true;
    }
  }
  return false;
}
