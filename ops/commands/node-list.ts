import { flag, moment, text, whole } from "../../shards/store/row.ts";
import type { Instant } from "../../src/domain/instant.ts";
import type { Session, Statement } from "../../src/platform/database.ts";

/** Open writers with what Postgres knows of their nodes. */
const selectNodes: Statement = {
  name: "ops_nodes",
  text: `
    select writers.node, writers.writer_id::text as writer_id, leases.address, leases.version, leases.draining, leases.reachable,
      (extract(epoch from leases.lease_until - now()) * 1000)::bigint as lease_left_ms,
      (select count(*) from shards where shards.writer_id = writers.writer_id) as shards,
      tail.batches as tail_batches,
      coalesce((extract(epoch from now() - tail.oldest) * 1000)::bigint, 0) as tail_ms
    from writers
    join leases on leases.writer_id = writers.writer_id
    left join lateral (
      select count(*) as batches, min(written_at) as oldest from journal_tail
      where journal_tail.writer_id = writers.writer_id
    ) as tail on true
    where writers.closed_at is null
    order by writers.node, writers.writer_id`,
};

/** Nodes whose last writer was closed lately, and that have opened no other. */
const selectGone: Statement = {
  name: "ops_nodes_gone",
  text: `
    select node, max(closed_at) as gone_at from writers
    group by node
    having bool_and(closed_at is not null) and max(closed_at) > now() - interval '15 minutes'
    order by node`,
};

/** A node as Postgres knows it: what its writer has, and until when it lives. */
export interface ListedNode {
  readonly name: string;
  /** In digits: it may pass 2^53. */
  readonly writer_id: string;
  /** By the database's clock; below 0 = its lease has passed, and others recover it. */
  readonly lease_left_ms: number;
  readonly draining: boolean;
  /** Whether NATS reaches it, as it says itself; null = it has no NATS. */
  readonly reachable: boolean | null;
  readonly shards: number;
  /** Commits that the tables do not have yet, and how old the oldest of them is. */
  readonly tail_batches: number;
  readonly tail_ms: number;
  readonly version: string;
  /** Where it answers over HTTP, as it says itself: host and port. */
  readonly address: string;
}

/** Nodes with an open writer, by name. One that was killed and started under another name is here until it is recovered. */
export async function listNodes(session: Session): Promise<readonly ListedNode[]> {
  const rows = await session.run(selectNodes);
  return rows.map((row) => ({
    name: text(row, "node"),
    writer_id: text(row, "writer_id"),
    lease_left_ms: whole(row, "lease_left_ms"),
    draining: flag(row, "draining"),
    reachable: row["reachable"] === null ? null : flag(row, "reachable"),
    shards: whole(row, "shards"),
    tail_batches: whole(row, "tail_batches"),
    tail_ms: Math.max(0, whole(row, "tail_ms")),
    version: text(row, "version"),
    address: text(row, "address"),
  }));
}

/** A node that was there within the last 15 minutes and is not any more: stopped, or lost and recovered by others. */
export interface GoneNode {
  readonly name: string;
  readonly goneAt: Instant;
}

/** By name. */
export async function listGoneNodes(session: Session): Promise<readonly GoneNode[]> {
  const rows = await session.run(selectGone);
  return rows.map((row) => ({ name: text(row, "node"), goneAt: moment(row, "gone_at") }));
}
