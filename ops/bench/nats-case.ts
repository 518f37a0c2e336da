import { bookOf } from "./book.ts";
import { addCost, costOf } from "./cost.ts";
import type { Ground } from "./ground.ts";
import { merchants } from "./http-case.ts";
import type { NatsPlan, NatsRan } from "./nats-plan.ts";
import { compiled, outputOf } from "./program.ts";
import { type Case, doubtOf, type Sample } from "./sample.ts";
import { type Service, settled } from "./service.ts";

/** Of the service under measure: parcels are for one shard, and few shards let one of 500 reach many merchants. */
export const shardCount = 16;

/** Calls of one size, and how many are on their way at once: as few as fill a commit and the batch behind it. */
const sizes = [
  { batch: null, onTheirWay: 64 },
  { batch: 10, onTheirWay: 64 },
  { batch: 100, onTheirWay: 16 },
  { batch: 500, onTheirWay: 4 },
] as const;

/** What is asked over NATS, until the answers; what is behind the answers is waited for between the measures. */
export function natsCases(ground: Ground, service: Service): readonly Case[] {
  return sizes.map(({ batch, onTheirWay }) => ({
    name: batch === null ? "nats-single" : `nats-${batch}`,
    what:
      batch === null
        ? `NATS consume, uniform, ${onTheirWay} on their way`
        : `NATS batches of ${batch}, uniform, ${onTheirWay} on their way, burst`,
    measure: (name, seconds) =>
      measure(ground, service, { name, seconds, batch, onTheirWay, upTo: "answers" }),
  }));
}

/** The largest size, until the tables have everything: what can go on for ever. */
export function sustainedCase(ground: Ground, service: Service): Case {
  const { batch, onTheirWay } = sizes[3];
  return {
    name: `nats-${batch}-sustained`,
    what: `NATS batches of ${batch}, uniform, ${onTheirWay} on their way, until the tables have everything`,
    measure: (name, seconds) =>
      measure(ground, service, { name, seconds, batch, onTheirWay, upTo: "tables" }),
  };
}

async function measure(
  ground: Ground,
  service: Service,
  load: Pick<NatsPlan, "name" | "seconds" | "batch" | "onTheirWay"> & {
    readonly upTo: "answers" | "tables";
  },
): Promise<Sample> {
  const { upTo, ...shape } = load;
  const before = await bookOf(ground, service.database);
  const costBefore = await costOf(ground, service);
  const ran = await natsLoad(ground, { ...shape, url: ground.nats.url, merchants, shardCount });
  const endedMs = performance.now();
  await settled(service, ground.signal);
  const settlingMs = performance.now() - endedMs;
  const costAfter = await costOf(ground, service);
  const after = await bookOf(ground, service.database);
  const lastedMs = ran.lastedMs + (upTo === "tables" ? settlingMs : 0);
  const orders = after.orders - before.orders;
  return {
    operations: ran.good,
    perSecond: (ran.good * 1_000) / lastedMs,
    p50Ms: ran.p50Ms,
    p99Ms: ran.p99Ms,
    doubt: doubtOf(
      [ran.good > 0, "nothing was acknowledged"],
      [Object.keys(ran.wrong).length === 0, `not accepted: ${JSON.stringify(ran.wrong)}`],
      [ran.unanswered === 0, `${ran.unanswered} were not answered`],
      [orders === ran.good, `${orders} orders are counted, ${ran.good} were acknowledged`],
    ),
    details: { ...addCost(costBefore, costAfter, ran.good), settlingMs, refused: ran.refused },
  };
}

async function natsLoad(ground: Ground, plan: NatsPlan): Promise<NatsRan> {
  const program = compiled("ops/bench/nats-load.js");
  const output = await outputOf(ground, process.execPath, [program, JSON.stringify(plan)]);
  return JSON.parse(output) as NatsRan;
}
