import { type Cluster, readCluster } from "../../shards/ownership/cluster.ts";
import { planOf } from "../../shards/ownership/plan.ts";
import type { Session } from "../../src/platform/database.ts";
import { refused } from "./ending.ts";
import { type ListedNode, listNodes } from "./node-list.ts";

/** A shard as operators see it. */
export interface ListedShard {
  readonly shard: number;
  /** `lost`: its owner's lease has passed, and others recover it; `free`: it is nobody's. */
  readonly state: "owned" | "lost" | "free";
  /** The node whose writer has it; null = it is free. */
  readonly owner: string | null;
  readonly epoch: number;
  readonly pinned_to: string | null;
  /** Where the nodes' plan has it; null = no node lives. */
  readonly planned: string | null;
  /** Of its owner's journal: see `ListedNode`. */
  readonly tail_batches: number;
  readonly tail_ms: number;
}

/** What there is to see at one moment, nearly: it is read by a few statements one after the other. */
export interface ClusterView {
  readonly cluster: Cluster;
  readonly nodes: readonly ListedNode[];
  readonly shards: readonly ListedShard[];
}

/** @throws Ending when no node has ever started on this database */
export async function viewCluster(session: Session): Promise<ClusterView> {
  const cluster = await readCluster(session);
  if (cluster.shards.length === 0) {
    throw refused(
      "there are no shards yet: the first node that starts on this database makes them",
    );
  }
  const nodes = await listNodes(session);
  return { cluster, nodes, shards: shardsOf(cluster, nodes) };
}

/** Shards with what is known of their owners. */
export function shardsOf(cluster: Cluster, nodes: readonly ListedNode[]): readonly ListedShard[] {
  const plan = planOf(cluster.nodes, cluster.shards);
  const byWriter = new Map(nodes.map((node) => [node.writer_id, node]));
  return cluster.shards.map(({ shard, writerId, owner, epoch, pinnedTo }) => {
    const writer = writerId === null ? undefined : byWriter.get(String(writerId));
    return {
      shard,
      state: writerId === null ? "free" : owner === null ? "lost" : "owned",
      owner: owner ?? writer?.name ?? null,
      epoch: Number(epoch),
      pinned_to: pinnedTo,
      planned: plan.get(shard) ?? null,
      tail_batches: writer?.tail_batches ?? 0,
      tail_ms: writer?.tail_ms ?? 0,
    };
  });
}

/** Whether somebody may want to look at it: pinned, on the move, or without an owner. */
export function isUnsettled({ state, owner, planned, pinned_to }: ListedShard): boolean {
  return state !== "owned" || owner !== planned || pinned_to !== null;
}
