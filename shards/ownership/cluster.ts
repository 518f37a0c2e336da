import type { Row, Session } from "../../src/platform/database.ts";
import { flag, text, textOrNull, whole } from "../store/row.ts";
import type { PlannedNode, PlannedShard } from "./plan.ts";
import {
  allShards,
  handOverShards,
  keepShards,
  liveNodes,
  ownedShards,
  takeFreeShards,
} from "./sql.ts";
import { type Writer, writerIdOf } from "./writer.ts";

/** A shard in one ownership of it. */
export interface OwnedShard {
  readonly shard: number;
  readonly epoch: bigint;
}

export interface LiveNode extends PlannedNode {
  readonly writerId: bigint;
}

export interface ClusterShard extends OwnedShard, PlannedShard {
  /** null = it is free. A writer that is nobody's who lives is waiting to be recovered. */
  readonly writerId: bigint | null;
}

/** Who lives, and who owns what: all that a plan is made from. */
export interface Cluster {
  readonly nodes: readonly LiveNode[];
  readonly shards: readonly ClusterShard[];
}

export async function readCluster(session: Session): Promise<Cluster> {
  const nodes = (await session.run(liveNodes)).map((row) => ({
    name: text(row, "node"),
    writerId: writerIdOf(row["writer_id"]),
    draining: flag(row, "draining"),
  }));
  const names = new Map(nodes.map(({ name, writerId }) => [writerId, name]));
  const shards = (await session.run(allShards)).map((row) => {
    const writerId = row["writer_id"] === null ? null : writerIdOf(row["writer_id"]);
    return {
      ...ownedFrom(row),
      writerId,
      owner: writerId === null ? null : (names.get(writerId) ?? null),
      pinnedTo: textOrNull(row, "pinned_node"),
    };
  });
  return { nodes, shards };
}

/**
 * Takes those of the shards that are free.
 * @returns all that the writer owns, also those whose taking was answered to nobody
 */
export async function takeFree(
  session: Session,
  writer: Writer,
  shards: readonly number[],
): Promise<readonly OwnedShard[]> {
  await session.run(takeFreeShards, [writer.writerId, shards]);
  return readOwned(session, writer);
}

/** All that the writer owns. */
export async function readOwned(session: Session, writer: Writer): Promise<readonly OwnedShard[]> {
  return (await session.run(ownedShards, [writer.writerId])).map(ownedFrom);
}

/**
 * Hands shards to another writer, in one statement. When it fails, nobody can say whether they are handed over: `keep`
 * says it.
 * @returns who has them now; null = free, the other writer was closed
 */
export async function give(
  session: Session,
  from: Writer,
  to: LiveNode,
  shards: readonly OwnedShard[],
): Promise<ReadonlyMap<number, bigint | null>> {
  const numbers = shards.map(({ shard }) => shard);
  const epochs = shards.map(({ epoch }) => epoch);
  const rows = await session.run(handOverShards, [from.writerId, to.writerId, numbers, epochs]);
  return new Map(
    rows.map((row) => [
      whole(row, "shard"),
      row["writer_id"] === null ? null : writerIdOf(row["writer_id"]),
    ]),
  );
}

/** Settles what became of a handing over that was answered to nobody: what is still the writer's stays so. */
export async function keep(
  session: Session,
  writer: Writer,
  shards: readonly number[],
): Promise<void> {
  await session.run(keepShards, [writer.writerId, shards]);
}

function ownedFrom(row: Row): OwnedShard {
  return { shard: whole(row, "shard"), epoch: BigInt(whole(row, "epoch")) };
}
