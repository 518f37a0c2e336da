import type { Cluster, ShardPlan } from "./reply.ts";

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

type ShardMove = ShardPlan["moves"][number];

/** Moves that go from the same node to the same node are one. */
export interface Way {
  readonly from: string | null;
  readonly to: string;
  /** Ascending. */
  readonly shards: readonly number[];
}

export function waysOf(moves: readonly ShardMove[]): readonly Way[] {
  const ways = new Map<string, Way & { shards: number[] }>();
  for (const { from, to, shard } of moves) {
    const name = JSON.stringify([from, to]);
    const way = ways.get(name) ?? { from, to, shards: [] };
    ways.set(name, way);
    way.shards.push(shard);
  }
  return [...ways.values()];
}

/** Ascending numbers as a person writes them: `0–3, 7`. */
export function rangesText(numbers: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    if (range?.last === number - 1) range.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges.map(({ first, last }) => (first === last ? first : `${first}–${last}`)).join(", ");
}
