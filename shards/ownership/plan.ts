import { affinity } from "../../src/wire/placement.ts";

/** A node that lives, as the plan sees it. */
export interface PlannedNode {
  readonly name: string;
  /** It is to own nothing while another node lives that is not to be emptied too. */
  readonly draining: boolean;
}

export interface PlannedShard {
  readonly shard: number;
  /** Who owns it now; null = nobody who lives. */
  readonly owner: string | null;
  /** Where an operator wants it; null = anywhere. */
  readonly pinnedTo: string | null;
}

/** The node of each shard. */
export type Plan = ReadonlyMap<number, string>;

/**
 * Which node should own which shard: rendezvous hashing with bounded load, from the present owners on. Every node makes
 * it from the same rows, so there is nobody to ask.
 *
 * A pinned shard is where it is pinned to, while that node lives and is not to be emptied. The others are spread so
 * that no node has more than one above another that could take it, and so that the fewest move: a node that joins gets
 * its share and nothing else moves, of one that leaves only its own. Affinity chooses which ones.
 * @param nodes those that live, in any order; none = the plan is empty
 */
export function planOf(nodes: readonly PlannedNode[], shards: readonly PlannedShard[]): Plan {
  const stable = nodes.filter(({ draining }) => !draining);
  const names = (stable.length > 0 ? stable : nodes).map(({ name }) => name).sort();
  const plan = new Map<number, string>();
  if (names.length === 0) return plan;
  const room = new Map(names.map((name) => [name, 0]));
  const loose: PlannedShard[] = [];
  for (const each of shards) {
    if (each.pinnedTo !== null && room.has(each.pinnedTo)) plan.set(each.shard, each.pinnedTo);
    else loose.push(each);
  }
  for (const name of sharesOf(names, [...plan.values()], loose)) {
    room.set(name, (room.get(name) ?? 0) + 1);
  }
  const homeless: number[] = [];
  for (const { shard, owner } of byAffinityToOwner(loose)) {
    if (owner !== null && takesRoom(room, owner)) plan.set(shard, owner);
    else homeless.push(shard);
  }
  for (const shard of homeless) {
    const chosen = byAffinity(names, shard).find((name) => takesRoom(room, name));
    if (chosen !== undefined) plan.set(shard, chosen);
  }
  return plan;
}

/**
 * Deals out as many shares as there are loose shards, each to a node that has least, of equals to the first by name.
 * Who owns what now has no say in it, or who gets the remainder would change with every shard on its way.
 * @returns a name for each share
 */
function sharesOf(
  names: readonly string[],
  pinned: readonly string[],
  loose: readonly PlannedShard[],
): readonly string[] {
  const loads = countsOf(pinned);
  return loose.flatMap(() => {
    let least: string | undefined;
    for (const name of names) {
      if (least === undefined || (loads.get(name) ?? 0) < (loads.get(least) ?? 0)) least = name;
    }
    if (least === undefined) return [];
    loads.set(least, (loads.get(least) ?? 0) + 1);
    return [least];
  });
}

/** Those that belong most to their owners first: they stay, the last ones go. */
function byAffinityToOwner(shards: readonly PlannedShard[]): readonly PlannedShard[] {
  const weighed = shards.map((each) => ({
    each,
    weight: each.owner === null ? -1 : affinity(each.owner, each.shard),
  }));
  weighed.sort((a, b) => b.weight - a.weight || a.each.shard - b.each.shard);
  return weighed.map(({ each }) => each);
}

function byAffinity(names: readonly string[], shard: number): readonly string[] {
  return [...names].sort((a, b) => affinity(b, shard) - affinity(a, shard));
}

function takesRoom(room: Map<string, number>, name: string): boolean {
  const left = room.get(name) ?? 0;
  if (left === 0) return false;
  room.set(name, left - 1);
  return true;
}

function countsOf<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
