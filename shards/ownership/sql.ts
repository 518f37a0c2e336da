import type { Statement } from "../../src/platform/database.ts";

export const openWriter: Statement = {
  name: "open_writer",
  text: `insert into writers (node) values ($1) returning writer_id`,
};

/** The marks of a new writer: of its checkpoint, and of its events where they are published. */
export const startCheckpoint: Statement = {
  name: "start_checkpoint",
  text: `
    with marked as (
      insert into event_marks (writer_id, seq) select $1, 0 where exists (select from event_feeds)
    )
    insert into checkpoints (writer_id, seq) values ($1, 0)`,
};

/** The lease of a new writer, by the database's clock. */
export const startLease: Statement = {
  name: "start_lease",
  text: `
    insert into leases (writer_id, lease_until, address, version, draining, reachable, reach_since)
    values ($1, now() + $2 * interval '1 millisecond', $3, $4, $5, $6::boolean, now())`,
};

/** Prolongs the lease of a writer that is still open, and says whether NATS reaches its node; no row = it was closed. */
export const renewLease: Statement = {
  name: "renew_lease",
  text: `
    update leases set lease_until = now() + $2 * interval '1 millisecond',
      reachable = $3::boolean,
      reach_since = case when leases.reachable is not distinct from $3::boolean then reach_since else now() end
    from writers
    where leases.writer_id = $1 and writers.writer_id = $1 and writers.closed_at is null
    returning leases.writer_id`,
};

/** Writers that are open and whose lease has passed. */
export const expiredWriters: Statement = {
  name: "expired_writers",
  text: `
    select writers.writer_id, writers.node from writers join leases using (writer_id)
    where writers.closed_at is null and leases.lease_until < now()
    order by writers.writer_id`,
};

/** Of writers that live: whether NATS reaches their nodes, and since when. Those without NATS are left out. */
export const reachOfNodes: Statement = {
  name: "reach_of_nodes",
  text: `
    select writers.writer_id, writers.node, leases.reachable,
      (extract(epoch from now() - leases.reach_since) * 1000)::bigint as for_ms
    from writers join leases using (writer_id)
    where writers.closed_at is null and leases.lease_until >= now() and leases.reachable is not null
    order by writers.writer_id`,
};

/**
 * Holds the lease of a writer that is to be closed, so that it is not prolonged meanwhile.
 * @param $2 milliseconds: no row unless its node has been out of reach so long; null = whatever its node says
 */
export const holdLease: Statement = {
  name: "hold_lease",
  text: `
    select writer_id from leases
    where writer_id = $1
      and ($2::integer is null
        or (not reachable and reach_since <= now() - $2::integer * interval '1 millisecond'))
    for update`,
};

/**
 * Writers that an earlier process of the same node left open, or of any node when $1 is null: closing a writer is safe
 * whether it lives or not.
 */
export const writersOfNode: Statement = {
  name: "writers_of_node",
  text: `
    select writer_id, node from writers
    where closed_at is null and ($1::text is null or node = $1)
    order by writer_id`,
};

/** Closes a writer; waits for a commit on its way, and no later one will insert anything. */
export const closeWriter: Statement = {
  name: "close_writer",
  text: `
    update writers set closed_at = now() where writer_id = $1 and closed_at is null
    returning writer_id`,
};

/** The last journal row that the tables do not have yet, and how many there are. */
export const journalTail: Statement = {
  name: "journal_tail_end",
  text: `
    select coalesce(max(seq), 0) as last_seq, count(*) as batches from journal_tail where writer_id = $1`,
};

export const freeShards: Statement = {
  name: "free_shards",
  text: `update shards set writer_id = null where writer_id = $1 returning shard`,
};

export const endLease: Statement = {
  name: "end_lease",
  text: `delete from leases where writer_id = $1`,
};

export const countShards: Statement = {
  name: "count_shards",
  text: `select count(*) as shards from shards`,
};

export const makeShards: Statement = {
  name: "make_shards",
  text: `
    insert into shards (shard) select generate_series(0, $1::int - 1)
    on conflict do nothing`,
};

/** Nodes that live, by the database's clock, each with its last writer. */
export const liveNodes: Statement = {
  name: "live_nodes",
  text: `
    select distinct on (writers.node) writers.node, writers.writer_id, leases.draining
    from writers join leases using (writer_id)
    where writers.closed_at is null and leases.lease_until >= now()
    order by writers.node, writers.writer_id desc`,
};

export const allShards: Statement = {
  name: "all_shards",
  text: `select shard, writer_id, epoch, pinned_node from shards order by shard`,
};

/** Says to all others that this writer's shards are to go to them. */
export const drainLease: Statement = {
  name: "drain_lease",
  text: `update leases set draining = true where writer_id = $1`,
};

/**
 * Takes those of the shards that nobody owns, each with its next epoch. The share lock is the fence, as in a commit: a
 * writer that is being closed takes nothing that its closing has not seen, or such a shard would belong to nobody for
 * ever.
 */
export const takeFreeShards: Statement = {
  name: "take_free_shards",
  text: `
    with open_writer as materialized (
      select writer_id from writers where writer_id = $1 and closed_at is null for share
    )
    update shards set writer_id = open_writer.writer_id, epoch = epoch + 1
    from open_writer
    where shards.writer_id is null and shard = any($2::int[])
    returning shard, epoch`,
};

export const ownedShards: Statement = {
  name: "owned_shards",
  text: `select shard, epoch from shards where writer_id = $1`,
};

/**
 * Hands shards ($3, of the epochs $4) from writer $1 to writer $2, or sets them free where that one was closed
 * meanwhile. The share locks are the fence of both: a writer that is being closed neither gives nor gets what its
 * closing has not seen.
 */
export const handOverShards: Statement = {
  name: "hand_over_shards",
  text: `
    with giver as materialized (
      select writer_id from writers where writer_id = $1 and closed_at is null for share
    ),
    receiver as materialized (
      select writer_id from writers where writer_id = $2 and closed_at is null for share
    )
    update shards set writer_id = (select writer_id from receiver), epoch = shards.epoch + 1
    from giver, unnest($3::int[], $4::bigint[]) as given (shard, epoch)
    where shards.writer_id = giver.writer_id
      and shards.shard = given.shard and shards.epoch = given.epoch
    returning shards.shard, shards.writer_id`,
};

/**
 * Takes back shards of which nobody can say whether they were handed over: those that were not get another epoch, and
 * a handing over that is still on its way finds nothing to hand over.
 */
export const keepShards: Statement = {
  name: "keep_shards",
  text: `
    with open_writer as materialized (
      select writer_id from writers where writer_id = $1 and closed_at is null for share
    )
    update shards set epoch = epoch + 1
    from open_writer
    where shards.writer_id = open_writer.writer_id and shard = any($2::int[])
    returning shard, epoch`,
};

/** A partition is made when nobody reads the log, rather than everybody waiting behind it. */
export const waitBrieflyForLocks: Statement = {
  name: "wait_briefly_for_locks",
  text: `set local lock_timeout = '500ms'`,
};

/** Two nodes that start at once would make the same partition; readers and writers of the log are not held up by it. */
export const lockLogPartitions: Statement = {
  name: "lock_log_partitions",
  text: `lock table quota_usage_logs_other in share update exclusive mode`,
};

export const makeLogPartitions: Statement = {
  name: "make_log_partitions",
  text: `select make_log_partitions(now(), 3)`,
};

/** The months of the log that have a partition of their own. */
export const logPartitions: Statement = {
  name: "log_partitions",
  text: `
    select relname::text as name from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'quota_usage_logs'::regclass
    order by relname`,
};
