import { PassThrough } from "node:stream";

import { type Verified, verify } from "../../ops/verify/verification.ts";
import type { Command } from "../../src/domain/command.ts";
import { systemClock } from "../../src/platform/clock.ts";
import type { Database } from "../../src/platform/database.ts";
import { harness } from "./node-harness.ts";
import {
  consume,
  limits,
  release,
  reserve,
  reset,
  resume,
  settle,
  suspend,
} from "./quota-builders.ts";
import { rowsOf } from "./store-contract.ts";
import { randomCommand, randomFrom } from "./store-story.ts";

/** What M-1 did on one day, change by change; the daily limit is 80. */
const story: readonly Command[] = [
  consume("A-1", 40n),
  // 70 of 80: the first alert.
  consume("A-2", 30n),
  // Refused.
  consume("A-3", 50n),
  reserve("H-1", 5n, 3_600_000),
  release("A-1", 10n, "R-1"),
  settle("A-2"),
  suspend("chargebacks"),
  resume(),
  reset("monthly"),
];

/** A node writes the story, and ends in order. */
export async function tellStory(database: Database): Promise<void> {
  const { node, ask } = harness(database, { limits: limits({ daily: 80n }) });
  await node.start();
  for (const command of story) await ask(command);
  await node.stop();
}

/** Four merchants at random: refusals, repeats and conflicts among it. */
export async function tellRandomStory(database: Database, seed: number): Promise<void> {
  const random = randomFrom(seed);
  const { node, ask } = harness(database, { limits: limits({ daily: 500n, monthly: 900n }) });
  await node.start();
  for (let n = 0; n < 12; n += 1) {
    await Promise.all(Array.from({ length: 20 }, () => ask(randomCommand(random))));
  }
  await node.stop();
}

export function verified(database: Database, fromShard = 0): Promise<Verified> {
  return verify({ database, clock: systemClock, screen: new PassThrough(), fromShard });
}

/** Mismatches in words: kind, key, order, what, expected, found, and of entries which one. */
export async function mismatches(database: Database): Promise<readonly string[]> {
  const entries = await rowsOf(
    database,
    "select id, action_type || coalesce(' ' || order_no, '') as name from quota_usage_logs",
  );
  const names = new Map(entries.map(({ id, name }) => [id, String(name)]));
  const { findings } = await verified(database);
  return findings.named.map(({ kind, key, order, what, expected, found, id }) =>
    [
      `${kind} of ${key}${order === null ? "" : ` ${order}`}:`,
      // A hash is another each time.
      what === "hash"
        ? "its hash is another"
        : `${what} is ${found ?? "nothing"} and not ${expected ?? "nothing"}`,
      id === null ? "" : `(${names.get(id) ?? "an alert"})`,
    ]
      .join(" ")
      .trim(),
  );
}
