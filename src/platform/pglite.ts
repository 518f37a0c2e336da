import { mkdirSync } from "node:fs";
import { resolve } from "node:path";

import { type DataLock, lockData } from "./data-lock.ts";
import type { Database, Row, Session, Statement } from "./database.ts";
import { primaryListings } from "./listings.ts";
import { inMemory } from "./pglite-cluster.ts";
import { type EngineOptions, PgliteEngine } from "./pglite-engine.ts";
import type { PgliteLine } from "./pglite-line.ts";
import { PgliteTurns } from "./pglite-turns.ts";

export { inMemory } from "./pglite-cluster.ts";

const begin: Statement = { name: "begin", text: "begin" };
const commit: Statement = { name: "commit", text: "commit" };
const rollback: Statement = { name: "rollback", text: "rollback" };

/**
 * Postgres inside this process, in WASM, on a folder of its own.
 *
 * All sessions share the one engine: statements run one after the other, in the order of the calls, and a
 * transaction holds all others up while its body runs. A body that waits for a statement outside of it waits for ever.
 * @throws Error when another process holds the folder, or when a commit is not synced to the disk
 */
export async function openPglite(options: EngineOptions): Promise<Database> {
  const lock = options.folder === inMemory ? undefined : await takeFolder(options.folder);
  try {
    const engine = new PgliteEngine(options);
    await engine.open();
    return databaseOf(engine, lock);
  } catch (error) {
    lock?.release();
    throw error;
  }
}

async function takeFolder(folder: string): Promise<DataLock> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return lockData(resolve(folder));
}

function databaseOf(engine: PgliteEngine, lock: DataLock | undefined): Database {
  const session: Session = {
    run: (statement, values) => engine.exclusive((line) => line.run(statement, values)),
  };
  return {
    kind: "pglite",
    durability: engine.durability,
    session: () => session,
    reads: session,
    listings: primaryListings({ read: (body) => body(session) }),
    transaction: (body) => engine.exclusive((line) => transact(line, body)),
    migrate: (apply) =>
      engine.exclusive((line) => apply(line, (text) => transact(line, () => line.script(text)))),
    close: async () => {
      await engine.close();
      lock?.release();
    },
  };
}

/**
 * Begin, the body, commit; or a rollback and what the body threw.
 *
 * A statement that failed has aborted the transaction even if the body went on: Postgres would answer its commit with a
 * silent rollback, so that failure is thrown again.
 */
async function transact<T>(line: PgliteLine, body: (session: Session) => Promise<T>): Promise<T> {
  const failures: unknown[] = [];
  const inTurn = new PgliteTurns();
  const run = (statement: Statement, values?: readonly unknown[]): Promise<readonly Row[]> =>
    inTurn.take(async () => {
      try {
        return await line.run(statement, values, "SHARD_UNAVAILABLE");
      } catch (error) {
        failures.push(error);
        throw error;
      }
    });
  await line.run(begin, [], "SHARD_UNAVAILABLE");
  try {
    const value = await body({ run });
    if (failures.length > 0) throw failures[0];
    await line.run(commit);
    return value;
  } catch (error) {
    if (!line.dead) await line.run(rollback);
    throw error;
  }
}
