import { Command, InvalidArgumentError } from "commander";

import type { Config } from "../../src/config.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { openConfigured } from "../../src/platform/configured-database.ts";
import { compareOrders, listColumns } from "../verify/order-list.ts";
import { comparedReport, verifiedReport } from "../verify/report.ts";
import { verify } from "../verify/verification.ts";

/** A statement of the verification: the sort of some million entries. */
const statementTimeoutMs = 1_800_000;
/** 0 = no mismatch, 1 = it could not be verified, 2 = used wrongly. */
const mismatchesFound = 3;

interface VerifyOptions {
  readonly fromShard: number;
  readonly against?: string;
  readonly complete: boolean;
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
    .option("--json", "print the report as JSON", false)
    .action(async ({ fromShard, against, complete, json }: VerifyOptions, command: Command) => {
      if (complete && against === undefined)
        command.error("--complete is said of a list: --against");
      const screen = process.stderr;
      const database = await openConfigured(config().database, {
        statementTimeoutMs,
        onProgress: (line) => {
          screen.write(`${line}\n`);
        },
      });
      try {
        const clock = systemClock;
        const told =
          against === undefined
            ? verifiedReport(await verify({ database, clock, screen, fromShard }))
            : comparedReport(
                await compareOrders({ database, clock, file: against, isComplete: complete }),
              );
        print(json ? told.json : told.text);
        if (!told.isClean) process.exitCode = mismatchesFound;
      } finally {
        await database.close();
      }
    });
}

function shard(text: string): number {
  if (/^(0|[1-9][0-9]{0,3})$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give the number of a shard, 0 or more.");
}
