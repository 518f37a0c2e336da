import { Command } from "commander";

import type { Config } from "../../src/config.ts";
import { openConfigured } from "../../src/platform/configured-database.ts";
import { applyMigrations } from "../../src/platform/migrations.ts";

const statementTimeoutMs = 30_000;

/** `quotactl migrate`: brings the schema up to date; doing it again does nothing. */
export function migrateCommand(config: () => Config, print: (line: string) => void): Command {
  return new Command("migrate")
    .description(
      "bring the schema of the configured Postgres (DB_HOST, or DATA_DIR without it) up to date",
    )
    .action(async () => {
      const database = await openConfigured(config().database, {
        statementTimeoutMs,
        onProgress: print,
      });
      try {
        const applied = await applyMigrations(database);
        for (const name of applied) print(`applied ${name}`);
        if (applied.length === 0) print("the schema is up to date");
      } finally {
        await database.close();
      }
    });
}
