import { Command, InvalidArgumentError } from "commander";

import type { Config } from "../../src/config.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { openConfigured } from "../../src/platform/configured-database.ts";
import { jsonOf, textOf } from "../verify/report.ts";
import { verify } from "../verify/verification.ts";

/** A statement of the verification: the sort of some million entries. */
const statementTimeoutMs = 1_800_000;
/** 0 = no mismatch, 1 = it could not be verified, 2 = used wrongly. */
const mismatchesFound = 3;

interface VerifyOptions {
  readonly fromShard: number;
  readonly json: boolean;
}

/** `quotactl verify`: replays the log of every key and holds the tables against it; nothing is ever written. */
export function verifyCommand(config: () => Config, print: (line: string) => void): Command {
  return new Command("verify")
    .description(
      "replay the log and compare quotas, orders and alerts with it, beside running nodes or without; exit code 3 = mismatches",
    )
    .option("--from-shard <shard>", "leave out the shards before it", shard, 0)
    .option("--json", "print the report as JSON", false)
    .action(async ({ fromShard, json }: VerifyOptions) => {
      const screen = process.stderr;
      const database = await openConfigured(config().database, {
        statementTimeoutMs,
        onProgress: (line) => {
          screen.write(`${line}\n`);
        },
      });
      try {
        const verified = await verify({ database, clock: systemClock, screen, fromShard });
        print(json ? jsonOf(verified) : textOf(verified));
        if (verified.findings.total > 0) process.exitCode = mismatchesFound;
      } finally {
        await database.close();
      }
    });
}

function shard(text: string): number {
  if (/^(0|[1-9][0-9]{0,3})$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Give the number of a shard, 0 or more.");
}
