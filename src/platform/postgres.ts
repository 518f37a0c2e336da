import { type Clock, systemClock } from "./clock.ts";
import type { Database, Purpose } from "./database.ts";
import { type Reader, primaryListings } from "./listings.ts";
import { openReplica } from "./postgres-replica.ts";
import type { ReplicaLog } from "./replica.ts";
import { goodbye, type PostgresOptions } from "./postgres-connection.ts";
import { migrate } from "./postgres-migration.ts";
import { onPool, openPool, readOnPool } from "./postgres-pool.ts";
import { PostgresSession } from "./postgres-session.ts";
import { transact } from "./postgres-transaction.ts";

/** Of a database, and of its replica if it has one. */
export interface ServedOptions extends PostgresOptions {
  readonly clock?: Clock;
  /** Streams from it; the same user, password and database. */
  readonly replica?: { readonly host: string; readonly port: number; readonly log: ReplicaLog };
}

/**
 * Postgres over TCP, by the driver `pg`.
 *
 * Nothing connects before its first use, but for the heartbeat of a replica, so this neither waits nor fails.
 */
export function openPostgres(options: ServedOptions): Database {
  const clock = options.clock ?? systemClock;
  const sessions = new Map<Purpose, PostgresSession>();
  const pool = openPool(options);
  const reader: Reader = { read: (body) => readOnPool(pool, options, clock, body) };
  const replica = options.replica && openReplica(options, options.replica, reader, clock);

  return {
    kind: "postgres",
    durability:
      `as Postgres at ${options.host}:${options.port}/${options.database} is configured: ` +
      "a commit is answered when the server calls it durable, by its own fsync, synchronous_commit and standbys",
    session: (purpose) => {
      const session = sessions.get(purpose) ?? new PostgresSession(options, purpose, clock);
      sessions.set(purpose, session);
      return session;
    },
    reads: { run: (statement, values) => reader.read((session) => session.run(statement, values)) },
    listings: replica?.listings ?? primaryListings(reader),
    transaction: (body) => onPool(pool, options, clock, (wire) => transact(wire, body)),
    migrate: (apply) => migrate(options, clock, apply),
    close: async () => {
      const closing = [...sessions.values()].map((session) => session.close());
      await goodbye(clock, Promise.all([...closing, replica?.close(), pool.end()]));
    },
  };
}
