import { setTimeout as wait } from "node:timers/promises";

import type { PostgresAddress } from "../../test/support/services-address.ts";
import { type Ground, sql } from "./ground.ts";

const sharedMaxMs = 60_000;
const pollMs = 100;

/** Shards that a node owns. */
export async function shardsOf(
  ground: Ground,
  database: PostgresAddress,
  node: string,
): Promise<number> {
  const text = `select count(*) from shards join writers using (writer_id) where node = '${node}'`;
  return Number((await sql(ground, database, text))[0]);
}

/** Resolves when every shard is owned, by so many nodes, none of which has over one more than another. */
export async function untilShared(
  ground: Ground,
  database: PostgresAddress,
  nodes: number,
): Promise<void> {
  const counts = `select count(*) from shards group by writer_id order by 1`;
  const free = `select count(*) from shards where writer_id is null`;
  const untilMs = performance.now() + sharedMaxMs;
  for (;;) {
    const owned = (await sql(ground, database, counts)).map(Number);
    const isFree = (await sql(ground, database, free))[0] !== "0";
    const [least = 0] = owned;
    if (!isFree && owned.length === nodes && (owned.at(-1) ?? 0) - least <= 1) return;
    if (performance.now() > untilMs) {
      throw new Error(`the shards are not shared by ${nodes} nodes: ${owned.join(", ")}`);
    }
    await wait(pollMs, undefined, { signal: ground.signal });
  }
}
