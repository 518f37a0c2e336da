import type { Database, Row, Session } from "../../src/platform/database.ts";
import type { Log } from "../ports.ts";
import { pruneJournal, writeCheckpoint } from "../store/sql.ts";
import { whole } from "../store/row.ts";
import {
  closeWriter,
  endLease,
  expiredWriters,
  freeShards,
  holdLease,
  journalTail,
  openWriter,
  renewLease,
  startCheckpoint,
  startLease,
  writersOfNode,
} from "./sql.ts";

/** Journal rows, of some hundred facts at most, written into the tables by one statement: bounds its time. */
const checkpointRowsMax = 40;

/** A node's fenced journal stream: open until it is closed, by its own node or by one that recovers it. */
export interface Writer {
  readonly writerId: bigint;
  readonly node: string;
}

/** A new writer with its checkpoint and its lease. */
export async function open(
  database: Database,
  options: {
    readonly node: string;
    readonly leaseMs: number;
    readonly address: string;
    readonly version: string;
    /** An operator has had the node emptied, and it stays so under its next writer. */
    readonly draining: boolean;
    /** Whether NATS reaches it; null = it has none. */
    readonly reachable: boolean | null;
  },
): Promise<Writer> {
  const { node, leaseMs, address, version, draining, reachable } = options;
  return database.transaction(async (session) => {
    const [row] = await session.run(openWriter, [node]);
    const writerId = writerIdOf(row?.["writer_id"]);
    await session.run(startCheckpoint, [writerId]);
    const lease = [writerId, leaseMs, address, version, draining, reachable];
    await session.run(startLease, lease);
    return { writerId, node };
  });
}

/** Open writers whose lease has passed, and so whose node is dead or must take itself for dead. */
export async function expired(session: Session): Promise<readonly Writer[]> {
  return writersFrom(await session.run(expiredWriters));
}

/**
 * Open writers that an earlier process has left behind.
 * @param node null = of any node
 */
export async function predecessors(
  session: Session,
  node: string | null,
): Promise<readonly Writer[]> {
  return writersFrom(await session.run(writersOfNode, [node]));
}

/**
 * Recovers a writer: closes it, so that it can commit no more, writes its journal's tail into the tables, and sets
 * its shards free. All of it in one transaction, so any node may try it and one does it.
 *
 * Invariant: when a shard is free, the tables hold everything that was ever acknowledged of its keys.
 *
 * @param silentMs only if its node has said for so long that NATS does not reach it; null = in any case
 * @returns the shards that it has set free; none when another was at it
 */
export async function recover(
  database: Database,
  writer: Writer,
  log: Log,
  silentMs: number | null = null,
): Promise<readonly number[]> {
  const { writerId, node } = writer;
  const recovered = await database.transaction(async (session) => {
    const held = await session.run(holdLease, [writerId, silentMs]);
    if (held.length === 0 && silentMs !== null) return null;
    const closed = await session.run(closeWriter, [writerId]);
    if (closed.length === 0) return null;
    const [tail] = await session.run(journalTail, [writerId]);
    const lastSeq = tail ? whole(tail, "last_seq") : 0;
    const batches = tail ? whole(tail, "batches") : 0;
    for (let left = batches; left > 0; left -= checkpointRowsMax) {
      const upTo = Math.max(lastSeq - left + checkpointRowsMax, 1);
      await session.run(writeCheckpoint, [writerId, Math.min(upTo, lastSeq)]);
    }
    await session.run(pruneJournal, [writerId]);
    const freed = await session.run(freeShards, [writerId]);
    await session.run(endLease, [writerId]);
    return { batches, freed: freed.map((row) => whole(row, "shard")) };
  });
  if (recovered === null) return [];
  const { batches, freed } = recovered;
  log.info({ writer: String(writerId), node, batches }, "writer recovered");
  return freed;
}

/**
 * Prolongs the writer's lease.
 * @param reachable whether NATS reaches the node; null = it has none
 * @returns false when the writer was closed
 */
export async function renew(
  session: Session,
  writer: Writer,
  leaseMs: number,
  reachable: boolean | null,
): Promise<boolean> {
  const rows = await session.run(renewLease, [writer.writerId, leaseMs, reachable]);
  return rows.length === 1;
}

function writersFrom(rows: readonly Row[]): readonly Writer[] {
  return rows.map((row) => ({
    writerId: writerIdOf(row["writer_id"]),
    node: String(row["node"]),
  }));
}

export function writerIdOf(value: unknown): bigint {
  if (typeof value !== "bigint") throw new Error("Postgres returned no writer_id");
  return value;
}
