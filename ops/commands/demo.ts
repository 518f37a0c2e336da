import { Command, InvalidArgumentError } from "commander";

import { processEnvironment } from "../../src/config.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { merchantsMax } from "../demo/merchant.ts";
import { refuseProduction } from "../demo/world.ts";
import { wholeNumber } from "./argument.ts";
import type { Operator } from "./operator.ts";

const byDefault = { merchants: 200, seed: 7, rate: 6, minutes: 60, port: 40_022 } as const;
const most = { seed: 999_999_999, rate: 100, minutes: 24 * 60, port: 65_534 } as const;

interface Options {
  readonly folder: string;
  readonly fresh: boolean;
  readonly port: number;
  readonly merchants: number;
  readonly seed: number;
  readonly rate: number;
  readonly for: number;
  readonly url?: string;
}

/** `quotactl demo`: made-up merchants, so that there is something to see. */
export function demoCommand(print: (line: string) => void, operator: Operator): Command {
  return new Command("demo")
    .description("make a day of made-up merchants, serve it, and go on with live orders")
    .option("--folder <folder>", "where it is kept; made if it is not there", "demo-data")
    .option("--fresh", "make the folder's merchants anew", false)
    .option(
      "--merchants <n>",
      `up to ${merchantsMax}`,
      wholeNumber(1, merchantsMax),
      byDefault.merchants,
    )
    .option("--seed <n>", "other merchants", wholeNumber(1, most.seed), byDefault.seed)
    .option(
      "--rate <n>",
      "live checks and orders a second",
      wholeNumber(1, most.rate),
      byDefault.rate,
    )
    .option(
      "--for <minutes>",
      "live orders end after",
      wholeNumber(1, most.minutes),
      byDefault.minutes,
    )
    .option(
      "--port <port>",
      "of the service; the next one is needed too",
      wholeNumber(1, most.port),
      byDefault.port,
    )
    .option("--url <url>", "send to a development service that runs, in place of all that", address)
    .addHelpText(
      "after",
      `
The day is lived through in the folder by the service itself, with its clock set to when each thing happened; the
policy service and the receivers of alerts are played by this command, on 127.0.0.1. Nothing leaves the machine.
With --url the day's orders are sent now, to whatever limits that service has. It must run with the development
secret, so a production service takes none of it.`,
    )
    .action(async ({ url, rate, for: minutes, ...options }: Options) => {
      refuseProduction(processEnvironment()["NODE_ENV"]);
      const plan = { ...options, ratePerSecond: rate, forMs: minutes * 60_000 };
      const around = { clock: systemClock, operator, print };
      // The service itself is in it: other commands do not load it.
      const { loadRunning, runDemo } = await import("../demo/run.ts");
      await (url === undefined ? runDemo(plan, around) : loadRunning(plan, url, around));
    });
}

function address(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))
    return text.replace(/\/$/, "");
  throw new InvalidArgumentError("Give an address such as http://127.0.0.1:40022.");
}
