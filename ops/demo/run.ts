import { randomBytes } from "node:crypto";

import { developmentSecret, loadConfig } from "../../src/config.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { newcomerToken } from "../../src/platform/token.ts";
import type { Operator } from "../commands/operator.ts";
import { randomFrom } from "../random.ts";
import { progressOf } from "../progress.ts";
import { type DemoKey, extraCurrencies } from "./merchant.ts";
import { startNeighbours } from "./neighbours.ts";
import { livePast } from "./past.ts";
import { Sender } from "./sender.ts";
import { checkedFree, serve } from "./serve.ts";
import { liveTraffic } from "./traffic.ts";
import { DemoFolder, type DemoWorld, worldOf } from "./world.ts";

const callMaxMs = 10_000;
/** As many as are sent at once to a service that runs. */
const batchEvents = 200;

export interface DemoPlan {
  readonly folder: string;
  readonly fresh: boolean;
  readonly port: number;
  readonly merchants: number;
  readonly seed: number;
  readonly ratePerSecond: number;
  readonly forMs: number;
}

export interface Around {
  readonly clock: Clock;
  readonly operator: Operator;
  readonly print: (line: string) => void;
}

/**
 * Makes a day of merchants in a folder of its own, unless it is there, serves it, and goes on with what happens now
 * until it is stopped.
 * @throws Ending
 */
export async function runDemo(plan: DemoPlan, around: Around): Promise<void> {
  const { clock, operator, print } = around;
  await checkedFree(plan.port);
  await checkedFree(plan.port + 1);
  const folder = new DemoFolder(plan.folder);
  if (plan.fresh) folder.clear();
  const kept = folder.kept();
  const seed = kept?.seed ?? plan.seed;
  const merchants = kept?.merchants ?? plan.merchants;
  const world = worldOf(seed, merchants, new Date(clock.now()));
  const neighbours = await startNeighbours(kept?.policies ?? world.policies, plan.port + 1);
  const settings = {
    DATA_DIR: folder.dataPath,
    EXTRA_CURRENCIES: extraCurrencies,
    POLICY_SERVICE_URL: neighbours.policyUrl,
    // A busy machine is no reason for other limits.
    POLICY_TIMEOUT_MS: "10000",
    ALERT_WEBHOOK_URLS: neighbours.webhookUrls.join(","),
    ALERT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, seed).toString("base64")}`,
    NODE_NAME: "demo",
    LOG_LEVEL: "warn",
  };
  try {
    if (kept === null) {
      folder.make();
      await makePast(world, settings, around);
      folder.finish({ seed, merchants, policies: world.policies });
    } else
      print(
        `the ${merchants} merchants in ${plan.folder} are as they were left (--fresh makes new ones)`,
      );
    const served = await serve(folder, settings, plan.port, clock);
    // Listened for before anybody is told of Ctrl-C.
    const stop = AbortSignal.any([operator.stop, signalOf(served.ended)]);
    print(welcome(served.url, newcomerToken(developmentSecret), plan));
    try {
      await traffic(world.keys, served.url, plan, around, stop);
      await until(stop);
    } finally {
      await served.end();
    }
  } finally {
    await neighbours.close();
  }
}

/** Sends the day's orders to a service that runs, all of them now, and goes on with what happens. */
export async function loadRunning(plan: DemoPlan, url: string, around: Around): Promise<void> {
  const { clock, operator, print } = around;
  const { keys, events } = worldOf(plan.seed, plan.merchants, new Date(clock.now()));
  // What is outside ISO 4217 the service may not know; earlier days cannot be sent to it.
  const known = keys.filter(({ currency }) => !extraCurrencies.startsWith(`${currency}:`));
  const names = new Set(known.map(({ currency }) => currency));
  const orders = events.filter(
    ({ operation }) => operation.op !== "adjust" && names.has(String(operation["currency"])),
  );
  const sender = senderTo(url);
  const progress = progressOf(operator.screen, clock, {
    name: "orders of a day",
    total: orders.length,
    unit: "operations",
  });
  for (let n = 0; n < orders.length && !operator.stop.aborted; n += batchEvents) {
    const batch = orders.slice(n, n + batchEvents);
    await sender.batch(batch);
    progress.add(batch.length);
  }
  progress.end();
  print(
    `${sender.sent.accepted} accepted, ${sender.sent.refused} refused; now it goes on at ${plan.ratePerSecond} a second`,
  );
  await traffic(known, url, plan, around, operator.stop);
}

async function makePast(
  { events }: DemoWorld,
  settings: Readonly<Record<string, string>>,
  { clock, operator, print }: Around,
): Promise<void> {
  const progress = progressOf(operator.screen, clock, {
    name: "a day of made-up orders",
    total: events.length,
    unit: "operations",
  });
  const { accepted, refused } = await livePast(loadConfig({ ...settings }), events, (count) => {
    progress.add(count);
  }).finally(() => {
    progress.end();
  });
  print(`${accepted} operations were accepted, ${refused} refused`);
}

async function traffic(
  keys: readonly DemoKey[],
  url: string,
  { ratePerSecond, forMs }: DemoPlan,
  { clock }: Around,
  stop: AbortSignal,
): Promise<void> {
  const run = randomBytes(3).toString("hex");
  const random = randomFrom(Buffer.from(run, "hex").readUIntBE(0, 3));
  const sender = senderTo(url);
  await liveTraffic({ keys, random, clock, sender, ratePerSecond, forMs, run, stop });
}

function senderTo(url: string): Sender {
  return new Sender(developmentSecret, async (path, headers, body) => {
    const signal = AbortSignal.timeout(callMaxMs);
    const answer = await fetch(url + path, { method: "POST", headers, body, signal });
    return { status: answer.status, body: await answer.json() };
  });
}

function welcome(url: string, token: string, { forMs }: DemoPlan): string {
  return `
The console is at ${url}/console/ — sign in with this token, good for a day:

${token}

Orders go on for ${Math.round(forMs / 60_000)} minutes. Ctrl-C ends the service; the data stays.`;
}

function signalOf(ended: Promise<void>): AbortSignal {
  const over = new AbortController();
  void ended.then(() => {
    over.abort();
  });
  return over.signal;
}

async function until(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => {
      resolve();
    });
  });
}
