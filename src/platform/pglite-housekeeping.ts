import type { Statement } from "./database.ts";
import type { PgliteLine } from "./pglite-line.ts";

/** Housekeeping looks again after so many statements, or bytes sent, whichever is first. */
const statementsBetweenLooks = 512;
const bytesBetweenLooks = 4_000_000;

/** A checkpoint is made beyond this: it bounds the log on disk and the recovery after a kill. */
const logBytesMax = 64_000_000n;

const selectLogBytes: Statement = {
  name: "select_log_bytes",
  text: "select (pg_current_wal_insert_lsn() - redo_lsn)::int8 as bytes from pg_control_checkpoint()",
};
/** The table with most to clean, by the rule of autovacuum: 1,000 dead rows and a fifth of all. */
const selectWorstTable: Statement = {
  name: "select_worst_table",
  text: `
    select relid::regclass::text as name
    from pg_stat_user_tables
    where n_dead_tup > 1000 + n_live_tup / 5
    order by n_dead_tup desc
    limit 1`,
};
const checkpoint: Statement = { name: "checkpoint", text: "checkpoint" };

/**
 * The checkpoints and vacuums of one opened engine: PGlite has no background processes, so that without this the log
 * grows for ever whatever max_wal_size says, and dead rows stay.
 */
export class PgliteHousekeeping {
  readonly #line: PgliteLine;
  #requestsSeen = 0;
  #bytesSeen = 0;

  constructor(line: PgliteLine) {
    this.#line = line;
  }

  /** Whether it is time to look; true once for each look. */
  due(): boolean {
    const { requests, bytesSent } = this.#line;
    const isDue =
      requests - this.#requestsSeen >= statementsBetweenLooks ||
      bytesSent - this.#bytesSeen >= bytesBetweenLooks;
    if (!isDue) return false;
    this.#requestsSeen = requests;
    this.#bytesSeen = bytesSent;
    return true;
  }

  /** Invariant: inside a turn of the engine. */
  async look(): Promise<void> {
    if (this.#line.dead) return;
    const [log] = await this.#line.run(selectLogBytes);
    const bytes = log?.["bytes"];
    if (typeof bytes === "bigint" && bytes > logBytesMax) await this.#line.run(checkpoint);
    const [worst] = await this.#line.run(selectWorstTable);
    const table = worst?.["name"];
    if (typeof table === "string") await this.#line.script(`vacuum (analyze) ${table}`);
  }
}
