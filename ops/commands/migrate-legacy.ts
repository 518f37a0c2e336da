import { Command, InvalidArgumentError } from "commander";

import { openConfigured } from "../../src/platform/configured-database.ts";
import type { Config } from "../../src/config.ts";
import { currenciesWith, currencyOf } from "../../src/domain/currency.ts";
import { instant, type Instant } from "../../src/domain/instant.ts";
import { systemClock } from "../../src/platform/clock.ts";

/** A statement of the migration: an insert of some thousand rows, or the sum over the whole log. */
const statementTimeoutMs = 1_800_000;
const batchRowsDefault = 20_000;
const batchRowsMax = 1_000_000;

interface MigrateLegacyOptions {
  readonly from: string;
  readonly currency: string;
  readonly dryRun: boolean;
  readonly apply: boolean;
  readonly skipBad: boolean;
  readonly asOf?: Instant;
  readonly exportPolicies?: string;
  readonly batch: number;
  readonly json: boolean;
}

/** `quotactl migrate-legacy`: takes over the data of merchant-limit-service. See migrations/README.md. */
export function migrateLegacyCommand(config: () => Config, print: (line: string) => void): Command {
  return new Command("migrate-legacy")
    .description(
      "take over merchant_limits and limit_usage_logs of merchant-limit-service into the configured Postgres; both services have to be stopped",
    )
    .requiredOption("--from <url>", "the old database: postgres://user:password@host:5432/database")
    .option("--currency <code>", "what the old limits are in", "USD")
    .option("--dry-run", "read, map and add up everything; write nothing", false)
    .option("--apply", "write it; goes on from where an earlier run was interrupted", false)
    .option("--skip-bad", "leave rows out that cannot be migrated", false)
    .option(
      "--as-of <time>",
      "RFC 3339; the moment whose day, month and year are running (now)",
      moment,
    )
    .option(
      "--export-policies <file>",
      "write tiers and custom limits as JSON, for the policy service",
    )
    .option("--batch <rows>", "rows after which a round is committed", rows, batchRowsDefault)
    .option("--json", "print the report as JSON", false)
    .action(async (options: MigrateLegacyOptions, command: Command) => {
      if (options.dryRun === options.apply) {
        command.error("give either --dry-run or --apply: look first, then write");
      }
      const { database, zone, shardCount, defaults, extraCurrencies } = config();
      if (!currencyOf(currenciesWith(extraCurrencies), options.currency)) {
        command.error(
          `--currency ${options.currency} is no ISO 4217 code and not in EXTRA_CURRENCIES`,
        );
      }
      const { migrateLegacy } = await import("../legacy/migration.ts");
      const { failureOf, jsonOf, textOf } = await import("../legacy/report.ts");
      const say = (line: string): void => {
        process.stderr.write(`${line}\n`);
      };
      const target = await openConfigured(database, { statementTimeoutMs, onProgress: say });
      try {
        const report = await migrateLegacy(
          {
            from: options.from,
            currency: options.currency,
            isApply: options.apply,
            skipBad: options.skipBad,
            asOf: options.asOf ?? null,
            exportPolicies: options.exportPolicies ?? null,
            batchRows: options.batch,
          },
          {
            config: { zone, shardCount, defaults },
            target,
            clock: systemClock,
            screen: process.stderr,
          },
        );
        print(options.json ? jsonOf(report) : textOf(report));
        const failure = failureOf(report);
        if (failure !== null) throw new Error(failure);
      } finally {
        await target.close();
      }
    });
}

function moment(text: string): Instant {
  const at = /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(at)) {
    throw new InvalidArgumentError("Give a time with its offset, such as 2026-11-22T18:30:00Z.");
  }
  return instant(at);
}

function rows(text: string): number {
  const count = Number(text);
  if (/^[1-9][0-9]*$/.test(text) && count <= batchRowsMax) return count;
  throw new InvalidArgumentError(`Give a whole number, 1 to ${batchRowsMax}.`);
}
