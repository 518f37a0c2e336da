import { commitBatch } from "../../../shards/store/sql.ts";
import { text, whole } from "../../../shards/store/row.ts";
import type { Row } from "../../../src/platform/database.ts";
import type { Statements } from "../store/statement.ts";
import type { JournalRow } from "../store/tables.ts";

/**
 * Every group commit that ever became durable, in the order of their commits: what must be found again in the tables.
 * Checks each as it is committed.
 */
export class Archive {
  readonly batches: JournalRow[] = [];
  readonly #find: (text: string) => void;
  readonly #logIds = new Set<string>();
  /** The highest version of each key. */
  readonly #versions = new Map<string, number>();
  readonly #lastSeqs = new Map<bigint, number>();

  constructor(find: (text: string) => void) {
    this.#find = find;
  }

  /** The statements of a store, of which it sees the commits. */
  watching(statements: Statements): Statements {
    const commit = statements[commitBatch.name];
    if (!commit) throw new Error("a store commits");
    return {
      ...statements,
      [commitBatch.name]: async (given, tables, transaction) => {
        const rows = await commit(given, tables, transaction);
        const key = `${given.text(1)} ${given.text(2)}`;
        const batch = tables.journal.find(key, transaction);
        if (rows.length === 0 || !batch) return rows;
        const writer = tables.writers.find(given.text(1), transaction);
        if (writer?.isOpen !== true)
          this.#find(`I3: writer ${batch.writerId} is closed and commits`);
        for (const fact of batch.facts) {
          const shard = tables.shards.find(String(whole(fact, "shard")), transaction);
          if (shard?.writerId === batch.writerId) continue;
          this.#find(`I1: writer ${batch.writerId} commits for shard ${shard?.shard ?? "?"}`);
        }
        this.#keep(batch);
        return rows;
      },
    };
  }

  isDurable(logId: string): boolean {
    return this.#logIds.has(logId);
  }

  /** The last durable version of a key; 0 = it was never used. */
  versionOf(keyText: string): number {
    return this.#versions.get(keyText) ?? 0;
  }

  #keep(batch: JournalRow): void {
    const last = this.#lastSeqs.get(batch.writerId) ?? 0;
    if (batch.seq !== last + 1) {
      this.#find(`writer ${batch.writerId} commits batch ${batch.seq} after ${last}`);
    }
    this.#lastSeqs.set(batch.writerId, batch.seq);
    this.batches.push(batch);
    for (const fact of batch.facts) this.#note(fact);
  }

  #note(fact: Row): void {
    this.#logIds.add(text(fact, "id"));
    const key = keyTextOf(fact);
    this.#versions.set(key, Math.max(this.versionOf(key), whole(fact, "version")));
  }
}

export function keyTextOf(row: Row): string {
  return `${text(row, "merchant_id")} ${text(row, "currency")}`;
}
