import Table from "cli-table3";
import { Command, InvalidArgumentError, Option } from "commander";

import type { Config } from "../../src/config.ts";
import { systemClock } from "../../src/platform/clock.ts";
import {
  type DeliveryState,
  listDeliveries,
  type ListedDelivery,
  resend,
} from "../../src/edge/reads/alert-deliveries.ts";
import { onDatabase } from "./database.ts";

const itemsDefault = 50;
const itemsMax = 1_000;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Print = (line: string) => void;

interface ListOptions {
  readonly failed: boolean;
  readonly pending: boolean;
  readonly alert?: string;
  readonly limit: number;
  readonly json: boolean;
}

interface ResendOptions {
  readonly target: readonly string[];
  readonly json: boolean;
}

/** `quotactl alerts`: whom alerts have reached, and another try for those that they have not. */
export function alertsCommand(config: () => Config, print: Print): Command {
  const alerts = new Command("alerts").description("see whom alerts have reached, and resend them");
  alerts
    .command("list-deliveries")
    .description("list deliveries, those of the newest alert first")
    .addOption(new Option("--failed", "only those given up").default(false).conflicts("pending"))
    .option("--pending", "only those still to be made", false)
    .option("--alert <id>", "only those of one alert", alertId)
    .option("--limit <items>", `at most so many, up to ${itemsMax}`, items, itemsDefault)
    .option("--json", "print JSON in place of a table", false)
    .action((options: ListOptions) =>
      onDatabase(config(), async (database) => {
        const deliveries = await listDeliveries(database.reads, {
          state: stateOf(options),
          alertId: options.alert ?? null,
          itemsMax: options.limit,
        });
        print(options.json ? JSON.stringify(deliveries, null, 2) : tableOf(deliveries));
      }),
    );
  alerts
    .command("resend")
    .description("send an alert again, whatever became of it; the running service does it")
    .argument("<alert-id>", "as alerts are listed with", alertId)
    .option("--target <name...>", "only to these, as list-deliveries names them", [])
    .option("--json", "print JSON in place of a sentence", false)
    .action((id: string, { target, json }: ResendOptions) =>
      onDatabase(config(), async (database) => {
        const targets = await resend(database, {
          alertId: id,
          targets: target,
          now: systemClock.now(),
        });
        print(json ? JSON.stringify({ alert_id: id, targets }) : sentenceOf(id, targets));
      }),
    );
  return alerts;
}

function stateOf({ failed, pending }: ListOptions): DeliveryState | null {
  if (failed) return "failed";
  return pending ? "pending" : null;
}

function tableOf(deliveries: readonly ListedDelivery[]): string {
  if (deliveries.length === 0) return "no deliveries";
  const table = new Table({
    head: ["Alert", "Merchant", "Type", "Target", "State", "Tries", "When", "Last error"],
    style: { head: [], border: [] },
  });
  for (const each of deliveries) {
    table.push([
      each.alert_id,
      `${each.merchant_id} ${each.currency}`,
      each.alert_type,
      each.target,
      each.state,
      each.attempts,
      whenOf(each),
      each.last_error ?? "",
    ]);
  }
  return table.toString();
}

function whenOf(delivery: ListedDelivery): string {
  if (delivery.delivered_at !== null) return delivery.delivered_at;
  return delivery.next_try_at === null ? "" : `next try ${delivery.next_try_at}`;
}

function sentenceOf(id: string, targets: readonly string[]): string {
  const to = targets.length === 0 ? "to whatever targets the service has" : targets.join(", ");
  return `alert ${id} will be sent again: ${to}`;
}

function alertId(text: string): string {
  if (uuid.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("Give the id of an alert, a UUID.");
}

function items(text: string): number {
  const count = Number(text);
  if (/^[1-9][0-9]*$/.test(text) && count <= itemsMax) return count;
  throw new InvalidArgumentError(`Give a whole number, 1 to ${itemsMax}.`);
}
