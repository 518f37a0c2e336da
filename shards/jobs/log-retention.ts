import type { Instant } from "../../src/domain/instant.ts";
import type { Database, Session, Statement } from "../../src/platform/database.ts";
import { waitBrieflyForLocks } from "../ownership/sql.ts";
import { makePartitions } from "../ownership/preparation.ts";
import type { Log } from "../ports.ts";
import { textOrNull, whole } from "../store/row.ts";
import { batchRowsMax, deleteDeadJournal, deleteOldLogs, dropLogPartition } from "./sql.ts";

/** What the keeping of the log and the journal works with. */
export interface RetentionOptions {
  readonly database: Database;
  readonly session: Session;
  readonly log: Log;
  /** Ends it between two steps: the rest is for the next run. */
  readonly signal: AbortSignal;
}

/** Makes the log's partitions of the months to come. @throws Fault when readers of the log do not let it */
export async function makeMonths({ database, log }: RetentionOptions): Promise<void> {
  const partitions = await makePartitions(database);
  if (partitions.length > 0) log.info({ partitions }, "log partitions made");
}

/**
 * Removes what the log has of months that are too old: whole partitions, and rows that lie outside of any. Gives way to
 * readers of the log, for half a second each.
 * @param months whole months that are kept, beside the one that runs
 */
export async function dropOldLogs(
  { database, session, log, signal }: RetentionOptions,
  now: Instant,
  months: number,
): Promise<void> {
  const keptFrom = monthsBefore(now, months);
  while (!signal.aborted) {
    const dropped = await database.transaction(async (inside) => {
      await inside.run(waitBrieflyForLocks);
      const [row = {}] = await inside.run(dropLogPartition, [keptFrom]);
      return textOrNull(row, "name");
    });
    if (dropped === null) break;
    log.info({ partition: dropped, keptFrom }, "log partition dropped");
  }
  const rows = await deleteInBatches(session, deleteOldLogs, [keptFrom], signal);
  if (rows > 0) log.info({ rows, keptFrom }, "old log entries deleted");
}

/** Removes journal rows of writers that are closed, where they are in the tables. */
export async function pruneDeadJournal({ session, log, signal }: RetentionOptions): Promise<void> {
  const rows = await deleteInBatches(session, deleteDeadJournal, [], signal);
  if (rows > 0) log.info({ rows }, "journal of closed writers deleted");
}

/** The first moment of a month, in UTC as the partitions are. */
function monthsBefore(now: Instant, months: number): Date {
  const date = new Date(now);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months, 1));
}

async function deleteInBatches(
  session: Session,
  statement: Statement,
  values: readonly unknown[],
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0;
  while (!signal.aborted) {
    const [row = {}] = await session.run(statement, values);
    deleted += whole(row, "rows");
    if (whole(row, "rows") < batchRowsMax) break;
  }
  return deleted;
}
