import { Fault, faultOf } from "../wire/fault.ts";
import { type ClusterOptions, openCluster } from "./pglite-cluster.ts";
import { PgliteHousekeeping } from "./pglite-housekeeping.ts";
import type { PgliteLine } from "./pglite-line.ts";
import { PgliteTurns } from "./pglite-turns.ts";

/*
 * The engine's life:
 *
 *   open ──▶ dead ──▶ open again, at the next statement
 *     │        └────▶ given up, after reopeningsMax
 *     └──▶ closed
 *
 * A dead line is dropped with its memory, and a new one recovers from the same files, as after a kill.
 */

/** Who is told what, besides where the files are. */
export interface EngineOptions extends ClusterOptions {
  /** Told once, when the engine died and could not be opened again: the process should end. */
  readonly onFatal?: (fault: Fault) => void;
}

/** Statements and transactions that wait for their turn; then OVERLOADED. */
const waitingStatementsMax = 10_000;

/** Each dead engine leaves some 130 MB behind; after this many the process is told to end. */
const reopeningsMax = 3;

interface Opened {
  readonly line: PgliteLine;
  readonly housekeeping: PgliteHousekeeping;
}

/** Postgres in this process for one user at a time, opened again when it died. */
export class PgliteEngine {
  readonly #options: EngineOptions;
  readonly #turns = new PgliteTurns();
  #opened: Opened | undefined;
  #durability = "";
  #reopenings = 0;
  #closed = false;
  #toldFatal = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  get durability(): string {
    return this.#durability;
  }

  /** @throws Error when a commit on disk makes no sync: then nothing may be promised */
  async open(): Promise<void> {
    this.#opened = await this.#openCluster();
  }

  /** Lends the line to one at a time; within the turn it may die and is not opened again. */
  exclusive<T>(turn: (line: PgliteLine) => Promise<T>): Promise<T> {
    if (this.#turns.waiting >= waitingStatementsMax) {
      return Promise.reject(
        new Fault("OVERLOADED", `${waitingStatementsMax} statements wait for PGlite`),
      );
    }
    return this.#turns.take(async () => {
      if (this.#closed) throw new Fault("SHARD_UNAVAILABLE", "the database is closed");
      const opened = await this.#alive();
      const value = await turn(opened.line);
      this.#keepHouse(opened.housekeeping);
      return value;
    });
  }

  close(): Promise<void> {
    return this.#turns.take(async () => {
      this.#closed = true;
      await this.#opened?.line.close();
    });
  }

  #keepHouse(housekeeping: PgliteHousekeeping): void {
    if (!housekeeping.due()) return;
    this.#turns
      .take(() => housekeeping.look())
      .catch((error: unknown) => {
        this.#options.onProgress?.(
          `housekeeping of the database failed: ${faultOf(error).message}`,
        );
      });
  }

  async #openCluster(): Promise<Opened> {
    const { line, durability } = await openCluster(this.#options);
    this.#durability = durability;
    return { line, housekeeping: new PgliteHousekeeping(line) };
  }

  async #alive(): Promise<Opened> {
    if (this.#opened?.line.dead === false) return this.#opened;
    // The memory of what died goes before the next one takes its own.
    this.#opened = undefined;
    try {
      if (this.#reopenings >= reopeningsMax)
        throw new Error(`it died more than ${reopeningsMax} times`);
      this.#reopenings += 1;
      this.#options.onProgress?.("opening the database again after it died");
      const opened = await this.#openCluster();
      this.#opened = opened;
      return opened;
    } catch (error) {
      const fault = new Fault("SHARD_UNAVAILABLE", "PGlite died and cannot be opened again", {
        cause: error,
      });
      if (!this.#toldFatal) this.#options.onFatal?.(fault);
      this.#toldFatal = true;
      throw fault;
    }
  }
}
