import type { Database, Row, Session } from "../../src/platform/database.ts";
import { text, whole } from "../store/row.ts";
import {
  countShards,
  lockLogPartitions,
  logPartitions,
  makeLogPartitions,
  makeShards,
  waitBrieflyForLocks,
} from "./sql.ts";

/** All that the tables need before a first writer is opened. @throws ShardCountChanged; Fault */
export async function prepareTables(
  database: Database,
  session: Session,
  shardCount: number,
): Promise<void> {
  await prepareShards(session, shardCount);
  await makePartitions(database);
}

/**
 * Makes the log's partitions of this month and the next ones; gives way to readers of the log.
 * @returns the names of those made now
 */
export async function makePartitions(database: Database): Promise<readonly string[]> {
  return database.transaction(async (session) => {
    await session.run(waitBrieflyForLocks);
    await session.run(lockLogPartitions);
    const before = namesFrom(await session.run(logPartitions));
    await session.run(makeLogPartitions);
    const after = namesFrom(await session.run(logPartitions));
    return after.filter((name) => !before.includes(name));
  });
}

/** Makes the shards' rows at the first start. @throws when the cluster was begun with another number of shards */
export async function prepareShards(session: Session, shardCount: number): Promise<void> {
  const [row] = await session.run(countShards);
  const known = row ? whole(row, "shards") : 0;
  if (known === 0) await session.run(makeShards, [shardCount]);
  else if (known !== shardCount) {
    throw new ShardCountChanged(
      `this database was begun with SHARD_COUNT=${known} and it is fixed for its life; it is now ${shardCount}`,
    );
  }
}

/** The settings contradict the database: waiting does not help. */
export class ShardCountChanged extends Error {}

function namesFrom(rows: readonly Row[]): readonly string[] {
  return rows.map((row) => text(row, "name"));
}
