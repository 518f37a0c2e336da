#!/usr/bin/env node
import { Command, CommanderError } from "commander";

import { ConfigError, configFromProcess } from "../src/config.ts";
import { alertsCommand } from "./commands/alerts.ts";
import { migrateCommand } from "./commands/migrate.ts";
import { migrateLegacyCommand } from "./commands/migrate-legacy.ts";
import { tokenCommand } from "./commands/token.ts";
import { verifyCommand } from "./commands/verify.ts";

/*
 * The operators' tool. Standard output carries the answer alone; what went wrong is a line on standard error.
 * Exit codes: 0 done, 1 failed, 2 used or configured wrongly.
 */
const failed = 1;
const usedWrongly = 2;

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const program = new Command("quotactl")
  .description("operate the merchant quota service; it reads the same settings as the service")
  .showHelpAfterError("(quotactl --help, or quotactl <command> --help, shows what there is)");
for (const command of [
  tokenCommand(configFromProcess, print),
  migrateCommand(configFromProcess, print),
  alertsCommand(configFromProcess, print),
  migrateLegacyCommand(configFromProcess, print),
  verifyCommand(configFromProcess, print),
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
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usedWrongly;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`quotactl: ${message}\n`);
  return error instanceof ConfigError ? usedWrongly : failed;
}
