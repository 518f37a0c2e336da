import { Command, InvalidArgumentError } from "commander";

import type { Config } from "../../src/config.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { openConfigured } from "../../src/platform/configured-database.ts";
import type { Database } from "../../src/platform/database.ts";
import type { Screen } from "../progress.ts";
import { compareHeads, printHeads } from "../verify/head-list.ts";
import { compareOrders, listColumns } from "../verify/order-list.ts";
import { comparedReport, type Report, verifiedReport } from "../verify/report.ts";
import { verify } from "../verify/verification.ts";

/** A statement of the verification: the sort of some million entries. */
const statementTimeoutMs = 1_800_000;
/** 0 = no mismatch, 1 = it could not be verified, 2 = used wrongly. */
const mismatchesFound = 3;

interface VerifyOptions {
  readonly fromShard: number;
  readonly against?: string;
  readonly complete: boolean;
  readonly heads?: string;
  readonly printHeads: boolean;
  readonly json: boolean;
}

/** `quotactl verify`: replays the log of every key and holds the tables against it; nothing is ever written. */
export function verifyCommand(config: () => Config, print: (line: string) => void): Command {
  return new Command("verify")
    .description(
      "replay the log and compare quotas, orders and alerts with it, beside running nodes or without; exit code 3 = mismatches",
    )
    .option("--from-shard <shard>", "leave out the shards before it", shard, 0)
    .option(
      "--against <file>",
      `compare orders with the gateway's own list instead, a CSV file of ${listColumns.join()}; amounts in minor units; state held, taken, given_back or dropped`,
    )
    .option("--complete", "the list has every order of the keys that it names", false)
    .option(
      "--print-heads",
      "print where the chain of each key ends instead, as CSV: keep it where nobody can change it",
      false,
    )
    .option("--heads <file>", "compare the chains with heads that were printed earlier instead")
    .option("--json", "print the report as JSON", false)
    .action(async (options: VerifyOptions, command: Command) => {
      const { against, complete, heads, printHeads: isPrinting } = options;
      if (complete && against === undefined)
        command.error("--complete is said of a list: --against");
      if ([against !== undefined, heads !== undefined, isPrinting].filter(Boolean).length > 1) {
        command.error("give one of --against, --heads and --print-heads at a time");
      }
      const screen = process.stderr;
      const database = await openConfigured(config().database, {
        statementTimeoutMs,
        onProgress: (line) => {
          screen.write(`${line}\n`);
        },
      });
      try {
        if (isPrinting) {
          await printHeads(database, print);
          return;
        }
        const told = await reportOf(database, options, screen);
        print(options.json ? told.json : told.text);
        if (!told.isClean) process.exitCode = mismatchesFound;
      } finally {
        await database.close();
      }
    });
}

async function reportOf(
  database: Database,
  { fromShard, against, complete, heads }: VerifyOptions,
  screen: Screen,
): Promise<Report> {
  const clock = systemClock;
  if (against !== undefined) {
    const file = against;
    return comparedReport(await compareOrders({ database, clock, file, isComplete: complete }));
  }
  if (heads !== undefined) {
    return comparedReport(await compareHeads({ database, clock, file: heads }));
  }
  return verifiedReport(await verify({ database, clock, screen, fromShard }));
}

function shard(text: string): number {
  if (/^(0|[1-9][0-9]{0,3})$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give the number of a shard, 0 or more.");
}
