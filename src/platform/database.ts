/** One constant SQL text; `name` is its prepared-statement name and what a slow-query log shows. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A result row: int8 as bigint, json parsed, timestamptz as Date, arrays as arrays, all else as text or number. */
export type Row = Readonly<Record<string, unknown>>;

/** Where statements run, in the order in which they are given; each is its own transaction unless inside `transaction`. */
export interface Session {
  /**
   * @param values bigint, number, string, boolean, Date, null, or an array of these
   * @throws Fault OUTCOME_UNKNOWN when the connection was lost or the statement timed out after it was sent,
   *   SHARD_UNAVAILABLE when it certainly did nothing (no connection, refused, disk full, read-only),
   *   INTERNAL when Postgres rejects the statement itself
   */
  run(statement: Statement, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** What a session is for. Each purpose has a connection of its own, so that a slow checkpoint never delays a commit. */
export type Purpose = "commit" | "prefetch" | "checkpoint" | "lease" | "limits" | "outbox" | "jobs";

/** Where lists and statistics are read: a replica while it serves, else the primary. What it says may be late. */
export interface Listings extends Session {
  /**
   * Reads where something is true that a caller knows: at the replica, else at the primary.
   * @param reached asked over the connection on which `read` then reads, so that it holds for what is read
   * @returns undefined if it is true of neither
   * @throws Fault as `Database.reads` does
   */
  reaching<T>(
    reached: (session: Session) => Promise<boolean>,
    read: (session: Session) => Promise<T>,
  ): Promise<T | undefined>;
  /** null = there is none. Its trouble is why it is not read; null = it is. */
  readonly replica: { readonly trouble: string | null } | null;
}

/**
 * Postgres, real or embedded.
 *
 * Sessions connect at first use and again after a loss; nothing is retried by itself.
 */
export interface Database {
  readonly kind: "postgres" | "pglite";
  /** What is kept through what, in words for a person: said at start and in /health. */
  readonly durability: string;
  session(purpose: Purpose): Session;
  /**
   * A pool for reads that must see what was committed; statements may run side by side and in any order. A read changes
   * nothing, so one that was lost is SHARD_UNAVAILABLE, never OUTCOME_UNKNOWN.
   */
  readonly reads: Session;
  /** For reads that may be late. */
  readonly listings: Listings;
  transaction<T>(body: (session: Session) => Promise<T>): Promise<T>;
  /** Runs a text of many statements, in one transaction, under the cluster-wide migration lock. */
  migrate(
    apply: (session: Session, script: (text: string) => Promise<void>) => Promise<void>,
  ): Promise<void>;
  close(): Promise<void>;
}
