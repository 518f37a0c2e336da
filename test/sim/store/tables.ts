import type { Row } from "../../../src/platform/database.ts";
import type { Commits } from "./transaction.ts";
import { type Column, type Schema } from "./schema.ts";
import { Table } from "./table.ts";

export interface WriterRow {
  readonly writerId: bigint;
  readonly node: string;
  readonly isOpen: boolean;
}

export interface LeaseRow {
  readonly untilMs: number;
  readonly draining: boolean;
  readonly reachable: boolean | null;
  readonly reachSinceMs: number;
}

export interface ShardRow {
  readonly shard: number;
  readonly writerId: bigint | null;
  readonly epoch: bigint;
  readonly pinnedTo: string | null;
}

/** A group commit: rows of the four tables that a checkpoint copies it to. */
export interface JournalRow {
  readonly writerId: bigint;
  readonly seq: number;
  readonly facts: readonly Row[];
  readonly quotas: readonly Row[];
  readonly orders: readonly Row[];
  readonly alerts: readonly Row[];
}

export interface LimitsRow {
  readonly limits: string;
  readonly fetchedAtMs: number;
}

/** The tables of the service, as one Postgres holds them. Rows of the checkpointed ones are as the program reads them. */
export class Tables {
  readonly writers = new Table<WriterRow>();
  readonly checkpoints = new Table<number>();
  readonly leases = new Table<LeaseRow>();
  readonly shards = new Table<ShardRow>();
  readonly journal = new Table<JournalRow>();
  readonly quotas = new Table<Row>();
  readonly orders = new Table<Row>();
  readonly logs = new Table<Row>();
  /** How many entries the chain of a key has. */
  readonly heads = new Table<number>();
  readonly alerts = new Table<Row>();
  readonly limits = new Table<LimitsRow>();
  readonly commits: Commits;
  readonly #schema: Schema;
  /** A sequence gives a number once, whatever becomes of the transaction. */
  #lastWriterId = 0n;
  #lastLogNo = 0;

  constructor(commits: Commits, schema: Schema) {
    this.commits = commits;
    this.#schema = schema;
  }

  nextWriterId(): bigint {
    this.#lastWriterId += 1n;
    return this.#lastWriterId;
  }

  /** The log has no primary key. */
  nextLogKey(): string {
    this.#lastLogNo += 1;
    return String(this.#lastLogNo);
  }

  columns(table: string): readonly Column[] {
    const columns = this.#schema.get(table);
    if (!columns) throw new Error(`no migration makes a table ${table}`);
    return columns;
  }
}
