import type { Cluster } from "./reply.ts";

/** A shard that has another owner, or the same one anew. */
export interface HandOver {
  readonly shard: number;
  readonly epoch: number;
  /** null = nobody */
  readonly from: string | null;
  readonly to: string | null;
  /** Of the look that found it. */
  readonly at: string;
}

/** Changes a second of each shard's keys, between two looks. */
export function loadsOf(before: Cluster, now: Cluster): ReadonlyMap<number, number> {
  const seconds = (Date.parse(now.at) - Date.parse(before.at)) / 1_000;
  const known = new Map(before.shards.map(({ shard, changes }) => [shard, changes]));
  return new Map(
    now.shards.map(({ shard, changes }) => [
      shard,
      seconds > 0 ? Math.max(changes - (known.get(shard) ?? changes), 0) / seconds : 0,
    ]),
  );
}

/** The shards whose owner or epoch differs between two looks. */
export function handOversOf(before: Cluster, now: Cluster): readonly HandOver[] {
  const known = new Map(before.shards.map((each) => [each.shard, each]));
  return now.shards.flatMap(({ shard, epoch, node }) => {
    const last = known.get(shard);
    if (last === undefined || (last.epoch === epoch && last.node === node)) return [];
    return [{ shard, epoch, from: last.node, to: node, at: now.at }];
  });
}
