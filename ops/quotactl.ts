#!/usr/bin/env node
import { CommanderError } from "commander";

import { WishRefused } from "../shards/operators/checked.ts";
import { ConfigError } from "../src/config.ts";
import { Ending, exitCode } from "./commands/ending.ts";
import { operatorAtTerminal } from "./commands/operator.ts";
import { quotactlProgram } from "./commands/program.ts";

/*
 * The operators' tool. Standard output carries the answer alone; what went wrong is a line on standard error.
 * Exit codes are in `commands/ending.ts`.
 */
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

// Whoever read the answer has read enough, as `head` does: the end, as of any command in a pipe.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(exitCode.unread);
});

try {
  await quotactlProgram(print, operatorAtTerminal()).parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitCode.done : exitCode.usedWrongly;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${red("quotactl:")} ${message}\n`);
  if (error instanceof Ending) return error.exitCode;
  if (error instanceof WishRefused) return exitCode.refused;
  return error instanceof ConfigError ? exitCode.usedWrongly : exitCode.failed;
}

/** On a terminal that has colours; `hasColors` looks at NO_COLOR too. */
function red(text: string): string {
  return process.stderr.isTTY && process.stderr.hasColors() ? `\u001B[31m${text}\u001B[39m` : text;
}
