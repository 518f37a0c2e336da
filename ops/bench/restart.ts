import { setTimeout as wait } from "node:timers/promises";

import type { PostgresAddress } from "../../test/support/services-address.ts";
import { bookOf } from "./book.ts";
import { figureOf } from "./figure.ts";
import { type Ground, sql } from "./ground.ts";
import type { Row } from "./result.ts";
import type { Section } from "./section.ts";
import { shardsOf, untilShared } from "./share.ts";
import { metricsOf, type Service, startService } from "./service.ts";
import { holdTail } from "./tail-hold.ts";
import { touch } from "./touch.ts";

const leaseMs = 2_000;
const takeOverMaxMs = 60_000;
const pollMs = 20;

/**
 * How long a kill takes to heal, by how many facts were durable and not yet in the tables: a lock holds the checkpoints
 * back while consumes come in; then process and lock are killed.
 */
export function restart(ground: Ground): Section {
  return {
    name: "start",
    measure: async ({ tails }) => {
      const rows: Row[] = [];
      for (const tail of tails) {
        rows.push(await started(ground, tail), await takenOver(ground, tail));
      }
      return { results: [], rows };
    },
  };
}

/** The next process of the same name, from its spawn to the first 200 of /health/ready. */
async function started(ground: Ground, tail: number): Promise<Row> {
  const database = await ground.postgres.newDatabase();
  const first = await startService(ground, database, {
    name: "start",
    environment: settings(ground),
  });
  const killed = await killWithTail(ground, { database, service: first, orders: tail });
  const next = await startService(ground, database, {
    name: "start",
    environment: settings(ground),
  });
  await proven(ground, database, killed.orders);
  await next.kill();
  return rowOf(`start after kill -9, ${killed.lag} facts not in the tables`, next.readyAfterMs);
}

/** Of two nodes that share the shards one is killed; until the other has all of them. */
async function takenOver(ground: Ground, tail: number): Promise<Row> {
  const database = await ground.postgres.newDatabase();
  const nodes: Service[] = [];
  try {
    for (const name of ["take-over-1", "take-over-2"]) {
      nodes.push(await startService(ground, database, { name, environment: settings(ground) }));
    }
    const [first] = nodes;
    if (first === undefined) throw new Error("two nodes were wanted");
    await untilShared(ground, database, nodes.length);
    // About half of the orders are for the shards of the first.
    const killed = await killWithTail(ground, { database, service: first, orders: tail * 2 });
    const fromMs = performance.now();
    while ((await shardsOf(ground, database, "take-over-2")) < killed.shards) {
      if (performance.now() - fromMs > takeOverMaxMs)
        throw new Error("the shards were not taken over");
      await wait(pollMs, undefined, { signal: ground.signal });
    }
    const tookMs = performance.now() - fromMs;
    await proven(ground, database, killed.orders);
    return rowOf(
      `take-over by another node (lease ${leaseMs} ms), ${killed.lag} facts not in the tables`,
      tookMs,
    );
  } finally {
    await Promise.all(nodes.map((node) => node.kill()));
  }
}

/** @returns what the killed process had made durable and not written, and how many orders were acknowledged in all */
async function killWithTail(
  ground: Ground,
  {
    database,
    service,
    orders,
  }: { readonly database: PostgresAddress; readonly service: Service; readonly orders: number },
): Promise<{ readonly lag: number; readonly orders: number; readonly shards: number }> {
  const [shards = Number.NaN] = (await sql(ground, database, "select count(*) from shards")).map(
    Number,
  );
  const letGo = await holdTail(ground, database);
  try {
    await touch(ground, service, { name: "tail", from: 1, to: orders });
    // The text of /metrics is kept for a second.
    await wait(1_100, undefined, { signal: ground.signal });
    const lag = (await metricsOf(service))("quota_checkpoint_lag_facts");
    return { lag, orders, shards };
  } finally {
    await service.kill();
    await letGo();
  }
}

/** What was acknowledged before the kill is counted after it. */
async function proven(ground: Ground, database: PostgresAddress, orders: number): Promise<void> {
  const book = await bookOf(ground, database);
  if (book.orders !== orders) {
    throw new Error(`after a kill ${book.orders} orders are counted, ${orders} were acknowledged`);
  }
}

function settings(ground: Ground): Readonly<Record<string, string>> {
  return { LEASE_MS: String(leaseMs), NATS_URL: ground.nats.url };
}

function rowOf(what: string, ms: number): Row {
  return { what, unit: "ms", digits: 0, figure: figureOf([ms]), target: null };
}
