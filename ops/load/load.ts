import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

import { processTimer } from "../../src/client/timer.ts";
import { configFromProcess } from "../../src/config.ts";
import { signToken } from "../../src/platform/token.ts";
import { chartOf } from "./chart.ts";
import { driverOf } from "./driver.ts";
import { Ledger } from "./ledger.ts";
import { most, type Plan, type ProfileName, profileNames, whyNot } from "./plan.ts";
import { profileOf } from "./profile.ts";
import { showSecond } from "./progress.ts";
import { jsonOf, type Report, reportOf, textOf } from "./report.ts";
import { runLoad } from "./run.ts";
import { settle } from "./settle.ts";
import { Tally } from "./tally.ts";

/*
 * Loads a running service and proves that it has counted what it has acknowledged. Progress goes to standard error, the
 * report to standard output. Exit codes: 0 counted equals acknowledged; 1 it does not, or it could not be proven; 2 used
 * wrongly. SIGINT ends the load early: what was sent is settled and checked all the same.
 */
const failed = 1;
const usedWrongly = 2;
const tokenSeconds = 2 * 3_600; // over the longest load and its settling

interface Options {
  readonly url: string;
  readonly driver: Plan["driver"];
  readonly profile: ProfileName;
  readonly rate?: number;
  readonly seconds: number;
  readonly warm?: number;
  readonly clients: number;
  readonly calls: number;
  readonly merchants: number;
  readonly zipf: number;
  readonly batchSize: number;
  readonly currency: string;
  readonly seed: number;
  readonly run: string;
  readonly token?: string;
  readonly secret?: string;
  readonly out?: string;
  readonly json?: true;
  readonly allowRemote?: true;
}

const program = new Command("load")
  .description("load a running service, and check that it counted what it acknowledged")
  .requiredOption("--url <url>", "http://… or, for --driver nats, nats://…", address)
  .addOption(new Option("--driver <driver>").choices(["http", "nats"]).default("http"))
  .addOption(new Option("--profile <profile>").choices(profileNames).default("uniform"))
  .option(
    "--rate <calls>",
    "calls a second, open loop; without it closed loop",
    upTo(most.ratePerSecond),
  )
  .option("--seconds <seconds>", "how long", upTo(most.seconds), 30)
  .option("--warm <seconds>", "before that, counted but not timed", upTo(most.warmSeconds))
  .option("--clients <n>", "calls on their way at once, at most", upTo(most.clients), 64)
  .option("--calls <n>", "ends after so many", upTo(most.callsMax), most.callsMax)
  .option("--merchants <n>", "of zipf, uniform, mixed and batch", upTo(most.merchants), 1_000)
  .option("--zipf <exponent>", "the higher, the hotter the first merchants", exponent, 1)
  .option("--batch-size <n>", "operations of a batch", upTo(most.batchSize), 100)
  .option("--currency <code>", "of every call", "USD")
  .option("--seed <n>", "repeats the calls of another run", upTo(2 ** 31), 1)
  .option("--run <id>", "begins the merchant ids; by default random", runId, newRunId())
  .option("--token <token>", "of a calling service")
  .option("--secret <secret>", "signs a token; by default JWT_SECRET of the environment")
  .option("--out <folder>", "write report.txt, report.json and report.svg there")
  .option("--json", "print the report as JSON")
  .option("--allow-remote", "load another machine than this one")
  .exitOverride()
  .action(main);

async function main(options: Options): Promise<void> {
  const plan = planOf(options);
  const reason = whyNot(plan, options.allowRemote === true);
  if (reason !== undefined) program.error(`error: ${reason}`);
  const report = await measure(plan, tokenOf(options));
  if (options.out !== undefined) writeAll(options.out, report);
  process.stdout.write(options.json === true ? jsonOf(report) : textOf(report));
  if (!report.isEqual) process.exitCode = failed;
}

async function measure(plan: Plan, token: string): Promise<Report> {
  const timer = processTimer;
  const ledger = new Ledger();
  const tally = new Tally();
  const driver = await driverOf(plan, token, timer);
  const beganAt = timer.now();
  let seconds: NodeJS.Timeout | undefined;
  try {
    const profile = profileOf(plan);
    const { signal } = stop;
    const run = { plan, driver, profile, ledger, tally, timer, signal };
    if (plan.warmSeconds > 0) {
      const warm = { ...plan, seconds: plan.warmSeconds };
      await runLoad({ ...run, plan: warm, tally: new Tally() });
    }
    seconds = setInterval(() => {
      showSecond(process.stderr, tally, tally.tick());
    }, 1_000);
    const ran = await runLoad(run);
    clearInterval(seconds);
    if (tally.seconds.length === 0) tally.tick();
    process.stderr.write(
      `settling ${ledger.open.length} unknown outcomes, checking ${ledger.merchants.length} merchants\n`,
    );
    const settled = await settle({ driver, ledger, timer, beganAt });
    return reportOf(plan, beganAt, ran, tally, settled);
  } finally {
    clearInterval(seconds);
    await driver.close();
  }
}

function planOf(options: Options): Plan {
  const { url, driver, profile, seconds, clients, merchants, batchSize, currency, seed } = options;
  return {
    ...{ url, driver, profile, seconds, clients, merchants, batchSize, currency, seed },
    ratePerSecond: options.rate ?? null,
    warmSeconds: options.warm ?? 0,
    callsMax: options.calls,
    zipfExponent: options.zipf,
    runId: options.run,
  };
}

function tokenOf({ driver, token, secret }: Options): string {
  if (token !== undefined) return token;
  if (driver === "nats") return "";
  const claims = {
    ...{ user_id: "load", tenant_id: "", username: "load", user_type: "service" as const },
    ...{ roles: [], permissions: [] },
  };
  return signToken(secret ?? configFromProcess().jwtSecret, claims, tokenSeconds);
}

function writeAll(folder: string, report: Report): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "report.txt"), textOf(report));
  writeFileSync(join(folder, "report.json"), jsonOf(report));
  writeFileSync(join(folder, "report.svg"), chartOf(report));
}

function newRunId(): string {
  return `load-${randomBytes(4).toString("hex")}`;
}

function upTo(max: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^[1-9][0-9]*$/.test(text) && count <= max) return count;
    throw new InvalidArgumentError(`Give a whole number, 1 to ${max}.`);
  };
}

function exponent(text: string): number {
  const value = Number(text);
  if (/^[0-9]+(\.[0-9]+)?$/.test(text) && value <= 4) return value;
  throw new InvalidArgumentError("Give a number, 0 to 4.");
}

function runId(text: string): string {
  if (/^[A-Za-z0-9_-]{1,40}$/.test(text)) return text;
  throw new InvalidArgumentError("Give 1 to 40 letters, digits, _ or -.");
}

function address(text: string): string {
  if (URL.canParse(text) && /^(https?|nats|tls):$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError("Give an address such as http://127.0.0.1:40022.");
}

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => {
    stop.abort();
  });
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : usedWrongly;
  } else {
    process.stderr.write(`load: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = failed;
  }
}
