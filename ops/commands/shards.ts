import { Command } from "commander";

import {
  type Change,
  drain,
  move,
  pin,
  rebalance,
  undrain,
  unpin,
} from "../../shards/operators/change.ts";
import type { Cluster } from "../../shards/ownership/cluster.ts";
import type { Config } from "../../src/config.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { shardNumber, shardsMax, wholeNumber } from "./argument.ts";
import { onDatabase } from "./database.ts";
import type { Operator } from "./operator.ts";
import { operationJson, operationText, performed, unfinished } from "./shard-operation.ts";
import { listCommand, showCommand, watchCommand } from "./shard-question.ts";

const waitSeconds = { byDefault: 120, max: 3_600 } as const;
/** As many as a node gives up between two looks. */
const movesByDefault = 16;

const help = `
A shard is a fixed part of the merchants' keys. The nodes spread the shards evenly by a plan that each makes from the
same rows, four times in a lease, and move them themselves. An operator's wish is a row (a pin, a node to be emptied)
that their plan follows. move, pin, unpin, drain and rebalance show what will move, ask, and wait until it has moved;
one operator at a time. Cut off in the middle (kill -9), a move may leave a pin behind: shards list shows it.

--json of list: [{ shard, state: "owned"|"lost"|"free", owner, epoch, pinned_to, planned, tail_batches, tail_ms }]
  show: one of these, with address, merchant_id and currency. watch: { at, kind, … }, a line for each change.
  Of a change: { action, ended: "foreseen"|"idle"|"finished"|"unfinished", seconds, moves: [{ shard, from, to }],
  left: [shard], notes }.
Exit codes: 0 done · 1 failed · 2 used wrongly · 3 refused, or not there · 4 not finished in time · 5 another operator
is at it.`;

interface ChangeOptions {
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly wait: number;
  readonly json: boolean;
}

/** `quotactl shards`: who owns which, and what operators may wish of it. */
export function shardsCommand(
  config: () => Config,
  print: (line: string) => void,
  operator: Operator,
): Command {
  const shards = new Command("shards")
    .description("see which node owns which shards, and move them")
    .addHelpText("after", help);
  shards.addCommand(listCommand(config, print));
  shards.addCommand(showCommand(config, print));
  shards.addCommand(watchCommand(config, print, operator));
  const run = (
    title: string,
    { yes, dryRun, wait, json }: ChangeOptions,
    make: (cluster: Cluster) => Change,
  ): Promise<void> =>
    onDatabase(config(), async (database) => {
      const operation = await performed(
        title,
        make,
        { yes, dryRun, waitMs: wait * 1_000 },
        { config: config(), database, clock: systemClock, operator },
      );
      print(json ? operationJson(operation) : operationText(operation));
      if (operation.ended === "unfinished") throw unfinished(operation);
    });
  changing(shards, "move")
    .description("bring a shard to a node; later it goes where the plan has it")
    .argument("<shard>", "its number", shardNumber)
    .requiredOption("--to <node>", "a node that lives")
    .action((shard: number, options: ChangeOptions & { readonly to: string }) =>
      run(`move ${shard}`, options, (cluster) => move(cluster, shard, options.to)),
    );
  changing(shards, "pin")
    .description("bring a shard to a node and keep it there while the node lives")
    .argument("<shard>", "its number", shardNumber)
    .requiredOption("--to <node>", "a node that lives")
    .action((shard: number, options: ChangeOptions & { readonly to: string }) =>
      run(`pin ${shard}`, options, (cluster) => pin(cluster, shard, options.to)),
    );
  changing(shards, "unpin")
    .description("leave a pinned shard to the plan again")
    .argument("<shard>", "its number", shardNumber)
    .action((shard: number, options: ChangeOptions) =>
      run(`unpin ${shard}`, options, (cluster) => unpin(cluster, shard)),
    );
  changing(shards, "drain")
    .description("empty a node: the others get its shards until it is undone or started anew")
    .argument("<node>", "a node that lives")
    .option("--undo", "give it its share again", false)
    .action((node: string, options: ChangeOptions & { readonly undo: boolean }) =>
      run(`drain ${node}`, options, (cluster) =>
        options.undo ? undrain(cluster, node) : drain(cluster, node),
      ),
    );
  changing(shards, "rebalance")
    .description("take away the pins that keep the nodes uneven; all else they even out themselves")
    .option(
      "--max-moves <shards>",
      "take away so many pins at most",
      wholeNumber(1, shardsMax),
      movesByDefault,
    )
    .action((options: ChangeOptions & { readonly maxMoves: number }) =>
      run("rebalance", options, (cluster) => rebalance(cluster, options.maxMoves)),
    );
  return shards;
}

/** A command below `shards` that changes something. */
function changing(shards: Command, name: string): Command {
  return shards
    .command(name)
    .option("--yes", "do it without asking", false)
    .option("--dry-run", "show what would move, and change nothing", false)
    .option(
      "--wait <seconds>",
      `until the shards have moved, up to ${waitSeconds.max}`,
      wholeNumber(1, waitSeconds.max),
      waitSeconds.byDefault,
    )
    .option("--json", "print JSON in place of a sentence", false);
}
