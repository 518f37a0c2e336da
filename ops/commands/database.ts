import type { Config, DatabaseConfig } from "../../src/config.ts";
import { openConfigured } from "../../src/platform/configured-database.ts";
import type { Database } from "../../src/platform/database.ts";
import { Fault } from "../../src/wire/fault.ts";
import { Ending } from "./ending.ts";

const statementTimeoutMs = 30_000;

/**
 * Opens the Postgres that the settings name for the time of one command.
 * @throws Ending with what to do when it cannot be reached, and whatever `body` throws
 */
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
  } catch (error) {
    const isAway = error instanceof Fault && error.code === "SHARD_UNAVAILABLE";
    if (!isAway || config.database.kind === "embedded") throw error;
    throw new Ending("failed", `${error.message} ${cureOf(config.database)}`);
  } finally {
    await database.close();
  }
}

function cureOf({
  host,
  port,
  user,
  name,
}: DatabaseConfig & { readonly kind: "postgres" }): string {
  return (
    `(${user} at ${host}:${port}, database ${name}): see that it runs and takes connections from here, ` +
    "and that DB_HOST, DB_PORT, DB_USER, DB_PASSWORD, DB_NAME and DB_SSL are those of the service"
  );
}
