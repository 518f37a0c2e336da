import { planOf, type PlannedNode, type PlannedShard } from "../ownership/plan.ts";
import { affinity } from "../../src/wire/placement.ts";

/** All that the nodes' plan is made from, as it is or as it would be. */
export interface Layout {
  readonly nodes: readonly PlannedNode[];
  readonly shards: readonly PlannedShard[];
}

/** A shard that is to change its owner. */
export interface ShardMove {
  readonly shard: number;
  /** null = nobody who lives owns it. */
  readonly from: string | null;
  readonly to: string;
}

/** What the nodes are about to do by themselves, by shard. None = every shard is where the plan has it. */
export function movesOf({ nodes, shards }: Layout): readonly ShardMove[] {
  const plan = planOf(nodes, shards);
  return shards.flatMap(({ shard, owner }) => {
    const to = plan.get(shard);
    return to === undefined || to === owner ? [] : [{ shard, from: owner, to }];
  });
}

/** The same with every shard where the plan has it. */
export function atRest({ nodes, shards }: Layout): Layout {
  const plan = planOf(nodes, shards);
  return {
    nodes,
    shards: shards.map((each) => ({ ...each, owner: plan.get(each.shard) ?? null })),
  };
}

/** The same with shards pinned to a node, or with none of them pinned. */
export function withPins(layout: Layout, pinned: readonly number[], to: string | null): Layout {
  const chosen = new Set(pinned);
  const shards = layout.shards.map((each) =>
    chosen.has(each.shard) ? { ...each, pinnedTo: to } : each,
  );
  return { nodes: layout.nodes, shards };
}

/** The same with a node that is to be emptied, or is not. */
export function withDraining({ nodes, shards }: Layout, name: string, draining: boolean): Layout {
  return {
    nodes: nodes.map((node) => (node.name === name ? { ...node, draining } : node)),
    shards,
  };
}

/** How many shards each living node owns; those of nobody are left out. */
export function spreadOf({ nodes, shards }: Layout): ReadonlyMap<string, number> {
  const spread = new Map(nodes.map(({ name }) => [name, 0]));
  for (const { owner } of shards) {
    if (owner !== null) spread.set(owner, (spread.get(owner) ?? 0) + 1);
  }
  return spread;
}

/**
 * The pins that keep a node above its even share, as few as it takes: without them the plan can be even. Those go first
 * whose shards belong least to the node that they are pinned to.
 * @returns shards whose pins are in the way; those of nodes that are away or drained hold nothing and are never among them
 */
export function pinsInTheWay({ nodes, shards }: Layout): readonly number[] {
  const takers = nodes.filter(({ draining }) => !draining);
  if (takers.length === 0) return [];
  const share = Math.floor(shards.length / takers.length);
  let larger = shards.length % takers.length;
  const pinned = takers
    .map(({ name }) => ({ name, pins: shards.filter(({ pinnedTo }) => pinnedTo === name) }))
    .sort((a, b) => b.pins.length - a.pins.length);
  return pinned.flatMap(({ name, pins }) => {
    const isLarger = pins.length > share && larger > 0;
    if (isLarger) larger -= 1;
    return pins
      .map(({ shard }) => shard)
      .sort((a, b) => affinity(name, b) - affinity(name, a))
      .slice(share + (isLarger ? 1 : 0));
  });
}
