import type { Clock } from "./clock.ts";
import type { Listings } from "./database.ts";
import type { Reader } from "./listings.ts";
import type { PostgresOptions } from "./postgres-connection.ts";
import { openPool, readOnPool } from "./postgres-pool.ts";
import { PostgresSession } from "./postgres-session.ts";
import { Replica, type ReplicaLog } from "./replica.ts";

/** A replica that does not answer a heartbeat by then is away. */
const heartbeatMaxMs = 1_000;

/** Connects to a replica of the primary and begins to listen to its heart. */
export function openReplica(
  options: PostgresOptions,
  at: { readonly host: string; readonly port: number; readonly log: ReplicaLog },
  primary: Reader,
  clock: Clock,
): { readonly listings: Listings; close(): Promise<void> } {
  const { host, port, log } = at;
  const its: PostgresOptions = { ...options, host, port };
  const pool = openPool(its);
  const beating = { ...its, statementTimeoutMs: heartbeatMaxMs };
  const beat = new PostgresSession(beating, "heartbeat", clock);
  const replica = new Replica({
    primary,
    replica: { read: (body) => readOnPool(pool, its, clock, body) },
    beat,
    clock,
    log,
  });
  replica.start();
  return {
    listings: replica,
    close: async () => {
      replica.stop();
      await Promise.all([beat.close(), pool.end()]);
    },
  };
}
