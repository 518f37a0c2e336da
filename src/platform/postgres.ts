import { type Clock, systemClock } from "./clock.ts";
import type { Database, Purpose } from "./database.ts";
import { goodbye, type PostgresOptions } from "./postgres-connection.ts";
import { migrate } from "./postgres-migration.ts";
import { onPool, openPool } from "./postgres-pool.ts";
import { PostgresSession } from "./postgres-session.ts";
import { transact } from "./postgres-transaction.ts";

/**
 * Postgres over TCP, by the driver `pg`.
 *
 * Nothing connects before its first use, so this neither waits nor fails.
 */
export function openPostgres(options: PostgresOptions & { readonly clock?: Clock }): Database {
  const clock = options.clock ?? systemClock;
  const sessions = new Map<Purpose, PostgresSession>();
  const pool = openPool(options);

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
    reads: {
      // What is lost is a listing: it changed nothing, and it can be asked for again. A write here must say so itself.
      run: (statement, values) =>
        onPool(pool, options, clock, (wire) => wire.run(statement, values, "SHARD_UNAVAILABLE")),
    },
    transaction: (body) => onPool(pool, options, clock, (wire) => transact(wire, body)),
    migrate: (apply) => migrate(options, clock, apply),
    close: async () => {
      const closing = [...sessions.values()].map((session) => session.close());
      await goodbye(clock, Promise.all([...closing, pool.end()]));
    },
  };
}
