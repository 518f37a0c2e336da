import { Fault } from "../wire/fault.ts";
import type { Clock } from "./clock.ts";
import type { Purpose, Row, Session, Statement } from "./database.ts";
import type { PostgresOptions } from "./postgres-connection.ts";
import { openLine, type OwnLine } from "./postgres-line.ts";

type Use = Purpose | "heartbeat";

const pipelined: ReadonlySet<Use> = new Set<Use>(["commit", "prefetch", "checkpoint"]);

/** A connection of its own, made at first use and again after a loss. */
export class PostgresSession implements Session {
  readonly #options: PostgresOptions;
  readonly #purpose: Use;
  readonly #clock: Clock;
  #line: OwnLine | undefined;
  #closed = false;

  constructor(options: PostgresOptions, purpose: Use, clock: Clock) {
    this.#options = options;
    this.#purpose = purpose;
    this.#clock = clock;
  }

  run(statement: Statement, values: readonly unknown[] = []): Promise<readonly Row[]> {
    if (this.#closed) {
      return Promise.reject(new Fault("SHARD_UNAVAILABLE", "the database is closed"));
    }
    if (this.#line === undefined || this.#line.wire.dead) {
      this.#line = openLine(this.#options, this.#clock, {
        purpose: this.#purpose,
        pipeline: pipelined.has(this.#purpose),
        statementTimeoutMs: this.#options.statementTimeoutMs,
      });
    }
    return this.#line.wire.run(statement, values);
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#line?.hangUp();
  }
}
