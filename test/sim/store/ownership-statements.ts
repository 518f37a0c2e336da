import {
  allShards,
  closeWriter,
  countShards,
  drainLease,
  endLease,
  expiredWriters,
  freeShards,
  handOverShards,
  holdLease,
  journalTail,
  keepShards,
  liveNodes,
  lockLogPartitions,
  logPartitions,
  makeLogPartitions,
  makeShards,
  openWriter,
  ownedShards,
  reachOfNodes,
  renewLease,
  startCheckpoint,
  startLease,
  takeFreeShards,
  waitBrieflyForLocks,
  writersOfNode,
} from "../../../shards/ownership/sql.ts";
import type { Row } from "../../../src/platform/database.ts";
import type { Statements } from "./statement.ts";
import type { LeaseRow, ShardRow, Tables, WriterRow } from "./tables.ts";
import type { Transaction } from "./transaction.ts";

const rowOfWriter = ({ writerId, node }: WriterRow): Row => ({ writer_id: writerId, node });
const rowOfShard = ({ shard, epoch }: ShardRow): Row => ({ shard, epoch });

/** The fence: the writer if it is open, and until the transaction ends nobody closes it. */
export async function openWriterShared(
  { writers }: Tables,
  transaction: Transaction,
  writerId: string,
): Promise<WriterRow | null> {
  if (writers.find(writerId, transaction) === null) return null;
  const writer = await transaction.lock(writers, writerId, "share");
  return writer?.isOpen === true ? writer : null;
}

function openWriters({ writers }: Tables, transaction: Transaction): readonly WriterRow[] {
  return [...writers.rows(transaction)].map(([, row]) => row).filter(({ isOpen }) => isOpen);
}

/** Changes the shards that a statement finds, and that are still so when it has locked them. */
async function updateShards(
  { shards }: Tables,
  transaction: Transaction,
  where: (row: ShardRow) => boolean,
  set: (row: ShardRow) => Partial<ShardRow>,
): Promise<readonly ShardRow[]> {
  const changed: ShardRow[] = [];
  for (const [key, seen] of [...shards.rows(transaction)]) {
    if (!where(seen)) continue;
    const row = await transaction.lock(shards, key, "update");
    if (!row || !where(row)) continue;
    const after = { ...row, ...set(row) };
    await transaction.write(shards, key, after);
    changed.push(after);
  }
  return changed;
}

/** The statements of `shards/ownership/sql.ts`. */
export const ownershipStatements: Statements = {
  [openWriter.name]: async (given, tables, transaction) => {
    const writerId = tables.nextWriterId();
    const row = { writerId, node: given.text(1), isOpen: true };
    await transaction.write(tables.writers, String(writerId), row);
    return [{ writer_id: writerId }];
  },
  [startCheckpoint.name]: async (given, { checkpoints }, transaction) => {
    await transaction.write(checkpoints, given.text(1), 0);
    return [];
  },
  [startLease.name]: async (given, { leases }, transaction) => {
    const untilMs = transaction.nowMs + given.whole(2);
    const draining = given.flag(5);
    const [reachable, reachSinceMs] = [given.flagOrNull(6), transaction.nowMs];
    const lease = { untilMs, draining, reachable, reachSinceMs };
    await transaction.write(leases, given.text(1), lease);
    return [];
  },
  [renewLease.name]: async (given, { leases, writers }, transaction) => {
    const writerId = given.text(1);
    if (writers.find(writerId, transaction)?.isOpen !== true) return [];
    if (leases.find(writerId, transaction) === null) return [];
    const lease = await transaction.lock(leases, writerId, "update");
    if (!lease) return [];
    const untilMs = transaction.nowMs + given.whole(2);
    const reachable = given.flagOrNull(3);
    const reachSinceMs = reachable === lease.reachable ? lease.reachSinceMs : transaction.nowMs;
    await transaction.write(leases, writerId, { ...lease, untilMs, reachable, reachSinceMs });
    return [{ writer_id: BigInt(writerId) }];
  },
  [reachOfNodes.name]: (_, tables, transaction) =>
    openWriters(tables, transaction).flatMap((writer) => {
      const lease = tables.leases.find(String(writer.writerId), transaction);
      if (!lease || lease.untilMs < transaction.nowMs || lease.reachable === null) return [];
      const forMs = BigInt(transaction.nowMs - lease.reachSinceMs);
      return [{ ...rowOfWriter(writer), reachable: lease.reachable, for_ms: forMs }];
    }),
  [holdLease.name]: async (given, { leases }, transaction) => {
    const writerId = given.text(1);
    const silentMs = given.wholeOrNull(2);
    const isWanted = (lease: LeaseRow | null): boolean =>
      lease !== null &&
      (silentMs === null ||
        (lease.reachable === false && lease.reachSinceMs <= transaction.nowMs - silentMs));
    if (!isWanted(leases.find(writerId, transaction))) return [];
    const lease = await transaction.lock(leases, writerId, "update");
    return isWanted(lease) ? [{ writer_id: BigInt(writerId) }] : [];
  },
  [expiredWriters.name]: (_, tables, transaction) =>
    openWriters(tables, transaction)
      .filter(({ writerId }) => {
        const lease = tables.leases.find(String(writerId), transaction);
        return lease !== null && lease.untilMs < transaction.nowMs;
      })
      .map(rowOfWriter),
  [writersOfNode.name]: (given, tables, transaction) => {
    const node = given.textOrNull(1);
    return openWriters(tables, transaction)
      .filter((writer) => node === null || writer.node === node)
      .map(rowOfWriter);
  },
  [closeWriter.name]: async (given, { writers }, transaction) => {
    const writerId = given.text(1);
    if (writers.find(writerId, transaction)?.isOpen !== true) return [];
    const row = await transaction.lock(writers, writerId, "update");
    if (row?.isOpen !== true) return [];
    await transaction.write(writers, writerId, { ...row, isOpen: false });
    return [{ writer_id: row.writerId }];
  },
  [journalTail.name]: (given, { journal, checkpoints }, transaction) => {
    const writerId = given.text(1);
    const done = checkpoints.find(writerId, transaction);
    const seqs = [...journal.rows(transaction)]
      .filter(([, row]) => String(row.writerId) === writerId && done !== null && row.seq > done)
      .map(([, { seq }]) => seq);
    return [{ last_seq: BigInt(Math.max(0, ...seqs)), batches: BigInt(seqs.length) }];
  },
  [freeShards.name]: async (given, tables, transaction) => {
    const writerId = BigInt(given.text(1));
    const isTheirs = (row: ShardRow): boolean => row.writerId === writerId;
    const freed = await updateShards(tables, transaction, isTheirs, () => ({ writerId: null }));
    return freed.map(({ shard }) => ({ shard }));
  },
  [endLease.name]: async (given, { leases }, transaction) => {
    const writerId = given.text(1);
    if (leases.find(writerId, transaction) !== null) {
      await transaction.write(leases, writerId, null);
    }
    return [];
  },
  [countShards.name]: (_, { shards }, transaction) => [
    { shards: BigInt([...shards.rows(transaction)].length) },
  ],
  [makeShards.name]: async (given, { shards }, transaction) => {
    for (let shard = 0; shard < given.whole(1); shard += 1) {
      const key = String(shard);
      if ((await transaction.lock(shards, key, "update")) !== null) continue;
      const row = { shard, writerId: null, epoch: 0n, pinnedTo: null };
      await transaction.write(shards, key, row);
    }
    return [];
  },
  [liveNodes.name]: (_, tables, transaction) => {
    const live = new Map<string, Row>();
    for (const writer of openWriters(tables, transaction)) {
      const lease = tables.leases.find(String(writer.writerId), transaction);
      if (!lease || lease.untilMs < transaction.nowMs) continue;
      // The last one of a node: their numbers rise.
      live.set(writer.node, { ...rowOfWriter(writer), draining: lease.draining });
    }
    return [...live].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  },
  [allShards.name]: (_, { shards }, transaction) =>
    [...shards.rows(transaction)].map(([, row]) => ({
      ...rowOfShard(row),
      writer_id: row.writerId,
      pinned_node: row.pinnedTo,
    })),
  [drainLease.name]: async (given, { leases }, transaction) => {
    const lease = await transaction.lock(leases, given.text(1), "update");
    if (lease) await transaction.write(leases, given.text(1), { ...lease, draining: true });
    return [];
  },
  [takeFreeShards.name]: async (given, tables, transaction) => {
    const writer = await openWriterShared(tables, transaction, given.text(1));
    if (!writer) return [];
    const wanted = given.wholes(2);
    const taken = await updateShards(
      tables,
      transaction,
      (row) => row.writerId === null && wanted.includes(row.shard),
      ({ epoch }) => ({ writerId: writer.writerId, epoch: epoch + 1n }),
    );
    return taken.map(rowOfShard);
  },
  [ownedShards.name]: (given, { shards }, transaction) =>
    [...shards.rows(transaction)]
      .filter(([, { writerId }]) => writerId === BigInt(given.text(1)))
      .map(([, row]) => rowOfShard(row)),
  [handOverShards.name]: async (given, tables, transaction) => {
    const giver = await openWriterShared(tables, transaction, given.text(1));
    if (!giver) return [];
    const epochs = given.texts(4).map(BigInt);
    const epochOf = new Map(given.wholes(3).map((shard, n) => [shard, epochs[n]]));
    const isTheirs = (row: ShardRow): boolean =>
      row.writerId === giver.writerId && epochOf.get(row.shard) === row.epoch;
    // Postgres looks for the receiver when it has found a row to be its.
    if (![...tables.shards.rows(transaction)].some(([, row]) => isTheirs(row))) return [];
    const receiver = await openWriterShared(tables, transaction, given.text(2));
    const moved = await updateShards(tables, transaction, isTheirs, ({ epoch }) => ({
      writerId: receiver?.writerId ?? null,
      epoch: epoch + 1n,
    }));
    return moved.map(({ shard, writerId }) => ({ shard, writer_id: writerId }));
  },
  [keepShards.name]: async (given, tables, transaction) => {
    const writer = await openWriterShared(tables, transaction, given.text(1));
    if (!writer) return [];
    const wanted = given.wholes(2);
    const kept = await updateShards(
      tables,
      transaction,
      (row) => row.writerId === writer.writerId && wanted.includes(row.shard),
      ({ epoch }) => ({ epoch: epoch + 1n }),
    );
    return kept.map(rowOfShard);
  },
  // Partitions of the log are where rows lie, and nothing that the simulation looks at.
  [waitBrieflyForLocks.name]: () => [],
  [lockLogPartitions.name]: () => [],
  [makeLogPartitions.name]: () => [],
  [logPartitions.name]: () => [],
};
