import { join } from "node:path";

import { isAtRest, judge } from "./check/judge.ts";
import { Cluster } from "./cluster/cluster.ts";
import { Gateway } from "./cluster/gateway.ts";
import { History } from "./cluster/history.ts";
import { keys, Orders } from "./cluster/orders.ts";
import { Trouble } from "./cluster/trouble.ts";
import { type Mutant, sound, World, zones } from "./cluster/world.ts";
import { readSchema } from "./store/schema.ts";

const gatewaysCount = 4;
const troubleFromMs = 3_000;
/** Everybody has an answer by so long after the last trouble. */
const answeredByMs = 60_000;
/** What was begun by then is over: shards have moved, and what is durable is in the tables. */
const restMs = { least: 2_000, most: 20_000 } as const;
/** Holds end at any time, so it is looked at in a moment in which nothing is on its way. */
const lookMs = 150;
const sliceMs = 1_000;

/** One life of a cluster. */
export interface Life {
  readonly seed: number;
  /** Simulated, with load and trouble; then as long as it takes until all are answered. */
  readonly minutes: number;
  readonly troubled?: boolean;
  readonly mutant?: Mutant;
}

/** What became of it. */
export interface Verdict {
  /** What must not be; nothing = sound. */
  readonly found: readonly string[];
  /** The same for the same seed. */
  readonly hash: string;
  /** All that was simulated, to the end. */
  readonly minutes: number;
  readonly calls: number;
  readonly entries: number;
  readonly troubles: ReadonlyMap<string, number>;
  /** The last of what happened. */
  readonly trace: readonly string[];
}

const schema = readSchema(join(process.cwd(), "migrations"));

/** Lives through one life of a cluster, and checks it. */
export async function simulate({
  seed,
  minutes,
  troubled = true,
  mutant = sound,
}: Life): Promise<Verdict> {
  const world = new World(seed, schema, mutant);
  const { agenda, dice, policy } = world;
  const cluster = new Cluster(world);
  const history = new History();
  const orders = new Orders(dice);
  for (const key of keys.slice(1)) policy.change(key, dice.oneOf(zones));
  for (const name of ["node-a", "node-b", "node-c"]) cluster.start(name);

  const endsMs = minutes * 60_000;
  const gateways = Array.from(
    { length: gatewaysCount },
    () => new Gateway(world, () => cluster.edges, history, orders),
  );
  const trouble = new Trouble(world, cluster);
  const answered = (): boolean => gateways.every(({ isDone }) => isDone);
  agenda.after(0, () => {
    for (const gateway of gateways) void gateway.live(endsMs);
  });
  agenda.after(troubleFromMs, () => {
    if (troubled) void trouble.live(endsMs);
  });

  while (world.found.length === 0 && !answered() && agenda.nowMs < endsMs + answeredByMs) {
    await agenda.until(agenda.nowMs + sliceMs);
  }
  if (world.found.length === 0) {
    for (const { open } of gateways) if (open !== null) world.find(`nobody answers: ${open}`);
    const answeredMs = agenda.nowMs;
    await agenda.until(answeredMs + restMs.least);
    while (!isAtRest(world, cluster) && agenda.nowMs < answeredMs + restMs.most) {
      await agenda.until(agenda.nowMs + lookMs);
    }
    judge(world, cluster, history);
  }
  return {
    found: world.found,
    hash: world.trace.hash,
    minutes: agenda.nowMs / 60_000,
    calls: history.calls.length,
    entries: world.archive.batches.reduce((sum, { facts }) => sum + facts.length, 0),
    troubles: trouble.counts,
    trace: world.trace.last(),
  };
}
