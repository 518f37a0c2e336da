import { Command } from "commander";

import { configFromProcess } from "../../src/config.ts";
import { alertsCommand } from "./alerts.ts";
import { completionCommand } from "./completion.ts";
import { demoCommand } from "./demo.ts";
import { withExamples } from "./example.ts";
import { healthCommand } from "./health.ts";
import { migrateCommand } from "./migrate.ts";
import { migrateLegacyCommand } from "./migrate-legacy.ts";
import { nodesCommand } from "./nodes.ts";
import type { Operator } from "./operator.ts";
import { shardsCommand } from "./shards.ts";
import { tokenCommand } from "./token.ts";
import { verifyCommand } from "./verify.ts";

const exitCodes =
  "Exit codes: 0 done · 1 failed · 2 used or configured wrongly · 3 refused, not there, or mismatches found · " +
  "4 not finished in time · 5 another operator is at it.";

const bold = (text: string): string => `\u001B[1m${text}\u001B[22m`;

/** All of quotactl. Help is coloured on a terminal alone, and not where NO_COLOR is set: commander looks. */
export function quotactlProgram(print: (line: string) => void, operator: Operator): Command {
  const program = new Command("quotactl")
    .description("operate the merchant quota service; it reads the same settings as the service")
    .configureHelp({ styleTitle: bold, styleCommandText: bold })
    .addHelpText("after", `\n${exitCodes}`)
    .showHelpAfterError("(quotactl --help, or quotactl <command> --help, shows what there is)");
  for (const command of [
    demoCommand(print, operator),
    tokenCommand(configFromProcess, print),
    migrateCommand(configFromProcess, print),
    nodesCommand(configFromProcess, print),
    shardsCommand(configFromProcess, print, operator),
    healthCommand(configFromProcess, print),
    alertsCommand(configFromProcess, print),
    verifyCommand(configFromProcess, print),
    migrateLegacyCommand(configFromProcess, print),
    completionCommand(program, print),
  ]) {
    for (const { command: each, path } of commandsOf(command, command.name())) {
      each.copyInheritedSettings(program);
      withExamples(each, path);
    }
    program.addCommand(command);
  }
  program.exitOverride();
  for (const { command } of commandsOf(program, "")) command.exitOverride();
  return program;
}

interface Named {
  readonly command: Command;
  /** Such as `shards move`. */
  readonly path: string;
}

/** A command and all below it. */
export function commandsOf(command: Command, path: string): readonly Named[] {
  const below = command.commands.flatMap((each) =>
    commandsOf(each, path === "" ? each.name() : `${path} ${each.name()}`),
  );
  return [{ command, path }, ...below];
}
