import type { Cluster } from "../../shards/ownership/cluster.ts";
import { atRest } from "../../shards/operators/layout.ts";

/** A cluster at rest, as its rows say it. */
export function clusterOf(wanted: {
  readonly nodes: readonly string[];
  readonly shards: number;
  readonly draining?: readonly string[];
  /** Node by shard. */
  readonly pins?: Readonly<Record<number, string>>;
}): Cluster {
  const nodes = wanted.nodes.map((name, n) => ({
    name,
    writerId: BigInt(n + 1),
    draining: wanted.draining?.includes(name) === true,
  }));
  const shards = Array.from({ length: wanted.shards }, (_, shard) => ({
    shard,
    owner: null,
    pinnedTo: wanted.pins?.[shard] ?? null,
  }));
  const writers = new Map(nodes.map(({ name, writerId }) => [name, writerId]));
  return {
    nodes,
    shards: atRest({ nodes, shards }).shards.map((each) => ({
      ...each,
      epoch: 1n,
      writerId: each.owner === null ? null : (writers.get(each.owner) ?? null),
    })),
  };
}

/** Shards that a node owns, by number. */
export function ownedBy({ shards }: Cluster, node: string): readonly number[] {
  return shards.filter(({ owner }) => owner === node).map(({ shard }) => shard);
}
