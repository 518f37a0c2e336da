import type { Row, Session, Statement } from "../../platform/database.ts";

/** The nodes that have an open journal stream, each with what its tables lack. */
export const clusterNodes: Statement = {
  name: "edge-cluster-nodes",
  text: `
    select writers.node, leases.lease_until >= now() as alive, leases.draining, leases.address,
      leases.version, writers.opened_at as since,
      (select count(*) from journal_tail where journal_tail.writer_id = writers.writer_id) as behind
    from writers join leases using (writer_id)
    where writers.closed_at is null
    order by writers.node, writers.writer_id`,
};

/** Every shard with its owner, and what the tables say of its keys. */
export const clusterShards: Statement = {
  name: "edge-cluster-shards",
  text: `
    select shard, writers.node, shards.epoch, shards.pinned_node,
      coalesce(counted.keys, 0) as keys, coalesce(counted.changes, 0)::bigint as changes
    from shards
    left join writers using (writer_id)
    left join (
      select shard, count(*) as keys, sum(version) as changes from merchant_quotas group by shard
    ) as counted using (shard)
    order by shard`,
};

export interface ListedCluster {
  readonly nodes: readonly Row[];
  readonly shards: readonly Row[];
}

export async function readCluster(reads: Session): Promise<ListedCluster> {
  const [nodes, shards] = await Promise.all([reads.run(clusterNodes), reads.run(clusterShards)]);
  return { nodes, shards };
}
