import { setTimeout as wait } from "node:timers/promises";

import type { Clock } from "../../src/platform/clock.ts";
import type { Random } from "../random.ts";
import { amountOf, busyness, type DemoEvent, orderOf } from "./day.ts";
import type { DemoKey } from "./merchant.ts";
import type { Sender } from "./sender.ts";

/** Orders of now are smaller than the day's, so that an hour of them does not use up every limit. */
const partOfTicket = 0.2;
/** What becomes of an order comes sooner than in a day, so that it is seen. */
const afterTimes = 0.02;
const checkShare = 0.4;
const tickMs = 200;

/**
 * What happens at this moment: checks and orders of merchants where it is day, at an even rate with some noise.
 * @param ratePerSecond of checks and new orders; what follows them comes on top
 * @throws whatever the sender throws
 */
export async function liveTraffic(options: {
  readonly keys: readonly DemoKey[];
  readonly random: Random;
  readonly clock: Clock;
  readonly sender: Sender;
  readonly ratePerSecond: number;
  readonly forMs: number;
  /** Begins the order numbers: those of another run are others. */
  readonly run: string;
  readonly stop: AbortSignal;
}): Promise<void> {
  const { keys, random, clock, sender, ratePerSecond, forMs, run, stop } = options;
  const endMs = clock.elapsedMs() + forMs;
  const waiting: DemoEvent[] = [];
  let orders = 0;
  let owed = 0;
  let lastMs = clock.elapsedMs();
  while (!stop.aborted && clock.elapsedMs() < endMs) {
    const nowMs = clock.elapsedMs();
    // What was missed while the machine was busy is not made good.
    owed += (Math.min(nowMs - lastMs, 1_000) / 1_000) * ratePerSecond * (0.4 + 1.2 * random());
    lastMs = nowMs;
    const due = waiting.filter(({ atMs }) => atMs <= clock.now());
    for (const event of due) waiting.splice(waiting.indexOf(event), 1);
    for (; owed >= 1; owed -= 1) {
      const key = pick(keys, random, clock.now());
      const small = { ...key, ticket: Math.max(1, key.ticket * partOfTicket) };
      if (random() < checkShare) due.push(checkOf(random, small, clock.now()));
      else {
        orders += 1;
        const [first, ...rest] = orderOf(random, small, `${run}-${orders}`, clock.now());
        if (first) due.push(first);
        for (const each of rest) {
          waiting.push({ ...each, atMs: clock.now() + (each.atMs - clock.now()) * afterTimes });
        }
      }
    }
    await Promise.all(due.map((event) => sender.one(event)));
    await wait(tickMs, null, { signal: stop }).catch(() => null);
  }
}

function checkOf(
  random: Random,
  { merchantId, currency, ticket }: DemoKey,
  atMs: number,
): DemoEvent {
  const amount = amountOf(random, ticket);
  const operation = { op: "check", merchant_id: merchantId, currency, amount };
  return { atMs, operation, follows: null };
}

/** Larger ones more often, and where it is day. */
function pick(keys: readonly DemoKey[], random: Random, atMs: number): DemoKey {
  const weights = keys.map((key) => key.ordersADay * busyness(key, atMs));
  let at = random() * weights.reduce((sum, weight) => sum + weight, 0);
  let last: DemoKey | undefined;
  for (const [n, key] of keys.entries()) {
    last = key;
    at -= weights[n] ?? 0;
    if (at < 0) break;
  }
  if (last === undefined) throw new Error("there are no merchants");
  return last;
}
