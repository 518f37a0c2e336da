import type { Config } from "../../src/config.ts";
import { openConfigured } from "../../src/platform/configured-database.ts";
import type { Database } from "../../src/platform/database.ts";

const statementTimeoutMs = 30_000;

/** Opens the Postgres that the settings name for the time of one command. @throws whatever `body` throws */
export async function onDatabase<T>(
  config: Config,
  body: (database: Database) => Promise<T>,
): Promise<T> {
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const database = await openConfigured(config.database, { statementTimeoutMs, onProgress: say });
  try {
    return await body(database);
  } finally {
    await database.close();
  }
}
