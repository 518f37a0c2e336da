#!/usr/bin/env node
import { Command, CommanderError } from "commander";

import { WishRefused } from "../shards/operators/checked.ts";
import { ConfigError, configFromProcess } from "../src/config.ts";
import { alertsCommand } from "./commands/alerts.ts";
import { demoCommand } from "./commands/demo.ts";
import { Ending, exitCode } from "./commands/ending.ts";
import { healthCommand } from "./commands/health.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { migrateLegacyCommand } from "./commands/migrate-legacy.ts";
import { nodesCommand } from "./commands/nodes.ts";
import { operatorAtTerminal } from "./commands/operator.ts";
import { shardsCommand } from "./commands/shards.ts";
import { tokenCommand } from "./commands/token.ts";
import { verifyCommand } from "./commands/verify.ts";

/*
 * The operators' tool. Standard output carries the answer alone; what went wrong is a line on standard error.
 * Exit codes are in `commands/ending.ts`.
 */
const exitCodes =
  "Exit codes: 0 done · 1 failed · 2 used or configured wrongly · 3 refused, not there, or mismatches found · " +
  "4 not finished in time · 5 another operator is at it.";

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const program = new Command("quotactl")
  .description("operate the merchant quota service; it reads the same settings as the service")
  .addHelpText("after", `\n${exitCodes}`)
  .showHelpAfterError("(quotactl --help, or quotactl <command> --help, shows what there is)");
const operator = operatorAtTerminal();
for (const command of [
  tokenCommand(configFromProcess, print),
  migrateCommand(configFromProcess, print),
  nodesCommand(configFromProcess, print),
  shardsCommand(configFromProcess, print, operator),
  healthCommand(configFromProcess, print),
  alertsCommand(configFromProcess, print),
  migrateLegacyCommand(configFromProcess, print),
  verifyCommand(configFromProcess, print),
  demoCommand(print, operator),
]) {
  for (const each of withCommands(command)) each.copyInheritedSettings(program);
  program.addCommand(command);
}
for (const command of withCommands(program)) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** A command and all below it. */
function withCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withCommands)];
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError)
    return error.exitCode === 0 ? exitCode.done : exitCode.usedWrongly;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`quotactl: ${message}\n`);
  if (error instanceof Ending) return error.exitCode;
  if (error instanceof WishRefused) return exitCode.refused;
  return error instanceof ConfigError ? exitCode.usedWrongly : exitCode.failed;
}
