import pg from "pg";

import { Fault } from "../wire/fault.ts";
import type { Clock } from "./clock.ts";
import type { Session, Statement } from "./database.ts";
import type { PostgresOptions } from "./postgres-connection.ts";
import { openLine } from "./postgres-line.ts";
import { transact } from "./postgres-transaction.ts";
import { faultOfSqlError } from "./sql-fault.ts";

/** One migration statement, an index over all orders included. */
const migrationStatementMaxMs = 3_600_000;

/** The number is "quota" in ASCII: other programs on the same database must not take it. */
const takeMigrationLock: Statement = {
  name: "take_migration_lock",
  text: "select pg_advisory_lock(487301543009)",
};

/** One migrator in the whole cluster at a time, each text in a transaction of its own. */
export async function migrate(
  options: PostgresOptions,
  clock: Clock,
  apply: (session: Session, script: (text: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const line = openLine(options, clock, {
    purpose: "migrate",
    pipeline: false,
    statementTimeoutMs: migrationStatementMaxMs,
  });
  try {
    await line.wire.run(takeMigrationLock);
    await apply(line.wire, (text) =>
      transact(line.wire, async () => {
        await runScript(line.client, text);
      }),
    );
  } finally {
    // The end of the session gives the lock back.
    await line.hangUp();
  }
}

async function runScript(client: pg.Client, text: string): Promise<void> {
  try {
    await client.query(text);
  } catch (error) {
    if (error instanceof pg.DatabaseError) throw faultOfSqlError(error, "migration");
    throw new Fault("SHARD_UNAVAILABLE", "the connection to Postgres was lost", { cause: error });
  }
}
