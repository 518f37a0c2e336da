import { Command } from "commander";

import type { Config, DatabaseConfig } from "../../src/config.ts";
import type { Database } from "../../src/platform/database.ts";
import { applyMigrations } from "../../src/platform/migrations.ts";
import { openPglite } from "../../src/platform/pglite.ts";
import { openPostgres } from "../../src/platform/postgres.ts";

const migrateTimeoutMs = 30_000;

/** `quotactl migrate`: brings the schema up to date; doing it again does nothing. */
export function migrateCommand(config: () => Config, print: (line: string) => void): Command {
  return new Command("migrate")
    .description(
      "bring the schema of the configured Postgres (DB_HOST, or DATA_DIR without it) up to date",
    )
    .action(async () => {
      const database = await openDatabase(config().database, print, migrateTimeoutMs);
      try {
        const applied = await applyMigrations(database);
        for (const name of applied) print(`applied ${name}`);
        if (applied.length === 0) print("the schema is up to date");
      } finally {
        await database.close();
      }
    });
}

/** The configured Postgres, a server or the embedded one. @param statementTimeoutMs of a server's statements */
export async function openDatabase(
  database: DatabaseConfig,
  print: (line: string) => void,
  statementTimeoutMs: number,
): Promise<Database> {
  if (database.kind === "embedded") {
    return openPglite({ folder: database.folder, onProgress: print });
  }
  const { host, port, user, password, name, ssl } = database;
  return openPostgres({ host, port, user, password, database: name, ssl, statementTimeoutMs });
}
