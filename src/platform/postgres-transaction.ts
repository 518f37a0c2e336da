import type { Row, Session, Statement } from "./database.ts";
import type { PostgresWire } from "./postgres-wire.ts";

const begin: Statement = { name: "begin", text: "begin" };
const commit: Statement = { name: "commit", text: "commit" };
const rollback: Statement = { name: "rollback", text: "rollback" };
/**
 * Begin, the body, commit; or a rollback and what the body threw.
 *
 * A statement that failed has aborted the transaction even if the body went on: Postgres would answer its commit with a
 * silent rollback, so that failure is thrown again.
 */
export async function transact<T>(
  wire: PostgresWire,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  const failures: unknown[] = [];
  const run = async (
    statement: Statement,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> => {
    try {
      return await wire.run(statement, values, "SHARD_UNAVAILABLE");
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  try {
    await run(begin);
    const value = await body({ run });
    if (failures.length > 0) throw failures[0];
    await wire.run(commit);
    return value;
  } catch (error) {
    if (!wire.dead) {
      await wire.run(rollback).catch(() => {
        wire.die("a transaction could not be rolled back");
      });
    }
    throw error;
  }
}
