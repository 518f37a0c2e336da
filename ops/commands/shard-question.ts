import { Command } from "commander";

import { checkedNode, checkedShard } from "../../shards/operators/checked.ts";
import type { Config } from "../../src/config.ts";
import { currenciesWith, currencyOf } from "../../src/domain/currency.ts";
import { type Key, keyOf, merchantIdOf } from "../../src/domain/ids.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { shardOf } from "../../src/wire/placement.ts";
import { wholeNumber } from "./argument.ts";
import { onDatabase } from "./database.ts";
import type { Operator } from "./operator.ts";
import { isUnsettled, viewCluster } from "./shard-list.ts";
import { shardsTable, shardTable, summaryText } from "./shard-table.ts";
import { watchCluster } from "./shard-watch.ts";

const watchSecondsMax = 86_400;

type Print = (line: string) => void;

interface ListOptions {
  readonly node?: string;
  readonly unsettled: boolean;
  readonly json: boolean;
}

interface WatchOptions {
  readonly for?: number;
  readonly json: boolean;
}

/** `quotactl shards list`. */
export function listCommand(config: () => Config, print: Print): Command {
  return new Command("list")
    .description("list the shards with their owners")
    .option("--node <node>", "only those of one node that lives")
    .option("--unsettled", "only those pinned, on the move, or without an owner", false)
    .option("--json", "print JSON in place of a table", false)
    .action(({ node, unsettled, json }: ListOptions) =>
      onDatabase(config(), async (database) => {
        const { cluster, shards } = await viewCluster(database.reads);
        if (node !== undefined) checkedNode(node, cluster.nodes);
        const wanted = shards
          .filter(({ owner }) => node === undefined || owner === node)
          .filter((shard) => !unsettled || isUnsettled(shard));
        if (json) print(JSON.stringify(wanted, null, 2));
        else {
          if (wanted.length > 0) print(shardsTable(wanted));
          print(summaryText(shards, cluster));
        }
      }),
    );
}

/** `quotactl shards show`. */
export function showCommand(config: () => Config, print: Print): Command {
  return new Command("show")
    .description("show one shard, or the one of a merchant in a currency")
    .argument("<shard|merchant>", "a shard's number, or a merchant's id with a currency")
    .argument("[currency]", "of the merchant, such as USD")
    .option("--json", "print JSON in place of a table", false)
    .action(
      async (
        subject: string,
        currency: string | undefined,
        { json }: { readonly json: boolean },
        command: Command,
      ) => {
        const settings = config();
        const asked =
          currency === undefined
            ? numberFrom(subject, command)
            : keyFrom(subject, currency, settings, command);
        await onDatabase(settings, async (database) => {
          const { nodes, shards } = await viewCluster(database.reads);
          const isNumber = typeof asked === "number";
          const shard = checkedShard(isNumber ? asked : shardOf(asked, shards.length), shards);
          const address = nodes.find(({ name }) => name === shard.owner)?.address ?? null;
          const key = isNumber ? {} : { merchant_id: asked.merchantId, currency: asked.currency };
          const shown = { ...shard, address, ...key };
          print(json ? JSON.stringify(shown, null, 2) : shardTable(shard, address));
        });
      },
    );
}

function keyFrom(
  merchant: string,
  code: string,
  { extraCurrencies }: Config,
  command: Command,
): Key {
  const merchantId = merchantIdOf(merchant);
  const currency = currencyOf(currenciesWith(extraCurrencies), code);
  if (merchantId === undefined) {
    return command.error(`error: ${merchant} is no merchant's id: 1 to 64 of A-Z a-z 0-9 _ -`);
  }
  if (currency === undefined) {
    return command.error(`error: ${code} is no ISO 4217 code and not in EXTRA_CURRENCIES`);
  }
  return keyOf(merchantId, currency);
}

function numberFrom(subject: string, command: Command): number {
  if (/^[0-9]{1,9}$/.test(subject)) return Number(subject);
  return command.error(
    `error: ${subject} is no shard's number; of a merchant give the currency too`,
  );
}

/** `quotactl shards watch`. */
export function watchCommand(config: () => Config, print: Print, operator: Operator): Command {
  return new Command("watch")
    .description("show what changes, until Ctrl-C: a screen on a terminal, else a line each")
    .option("--for <seconds>", "end by itself", wholeNumber(1, watchSecondsMax))
    .option("--json", "print each change as a JSON object on a line", false)
    .action((options: WatchOptions) =>
      onDatabase(config(), async (database) => {
        const forMs = options.for === undefined ? null : options.for * 1_000;
        const clock = systemClock;
        const { json: isJson } = options;
        await watchCluster(database.reads, { clock, operator, print, forMs, isJson });
      }),
    );
}
