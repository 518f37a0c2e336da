import pg from "pg";

import type { Agenda } from "../time/agenda.ts";
import type { Dice } from "../time/dice.ts";
import type { Process } from "../time/process.ts";
import type { Trace } from "../time/trace.ts";
import { Backend } from "./backend.ts";
import { Line } from "./line.ts";
import type { Schema } from "./schema.ts";
import type { Statements } from "./statement.ts";
import { Tables } from "./tables.ts";
import { Transaction } from "./transaction.ts";

/**
 * A model of one Postgres server and the network to it. What it keeps survives its crashes; its connections, and
 * transactions that were not committed, do not. Its clock is its own.
 */
export class Server {
  readonly tables: Tables;
  readonly statements: Statements;
  readonly agenda: Agenda;
  readonly dice: Dice;
  readonly trace: Trace;
  readonly #wallMs: number;
  readonly #lines = new Map<Process, Line>();
  readonly #backends = new Set<Backend>();
  #isDown = false;
  #skewMs = 0;
  /** What is wrong with the model itself: no program may take it for an answer of Postgres. */
  bug: Error | null = null;

  constructor(options: {
    readonly agenda: Agenda;
    readonly dice: Dice;
    readonly trace: Trace;
    readonly schema: Schema;
    readonly statements: Statements;
    /** Wall time at the beginning. */
    readonly wallMs: number;
  }) {
    const { agenda, schema } = options;
    this.agenda = agenda;
    this.dice = options.dice;
    this.trace = options.trace;
    this.statements = options.statements;
    this.#wallMs = options.wallMs;
    const after = (delayMs: number, run: () => void) => agenda.after(delayMs, run);
    this.tables = new Tables({ count: 0, waiting: 0, after }, schema);
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  begin = (): Transaction => {
    const nowMs = Math.floor(this.#wallMs + this.agenda.nowMs + this.#skewMs);
    return new Transaction(this.tables.commits, nowMs);
  };

  /** What a client is told of an error. */
  failureOf = (error: unknown): Error => {
    if (error instanceof pg.DatabaseError) return error;
    this.bug ??= error instanceof Error ? error : new Error(String(error));
    return this.bug;
  };

  /** Sets its clock, on or back. */
  shiftClock(byMs: number): void {
    this.#skewMs += byMs;
  }

  /** The network between it and a process. */
  lineOf(process: Process): Line {
    let line = this.#lines.get(process);
    if (!line) {
      line = new Line(this.agenda, this.dice);
      this.#lines.set(process, line);
    }
    return line;
  }

  /** @throws when it is down */
  accept(process: Process, onEnd: () => void): Backend {
    if (this.#isDown) throw new Error("connection refused");
    const backend = new Backend(this, process, this.lineOf(process), () => {
      this.#backends.delete(backend);
      onEnd();
    });
    this.#backends.add(backend);
    return backend;
  }

  /** kill -9: what was on its way to it, or from it, may be lost. */
  crash(): void {
    this.#isDown = true;
    for (const backend of [...this.#backends]) backend.end();
  }

  restart(): void {
    this.#isDown = false;
  }

  /** Connections of a process are reset. What had arrived is done all the same, and answered to nobody. */
  reset(process: Process): void {
    for (const backend of [...this.#backends]) if (backend.of === process) backend.reset();
  }

  /** Changes the tables as an operator would by hand; what is locked for too long is left as it is. */
  async operate(
    change: (tables: Tables, transaction: Transaction) => Promise<void>,
  ): Promise<void> {
    const transaction = this.begin();
    try {
      await change(this.tables, transaction);
      transaction.commit();
    } catch (error) {
      transaction.rollback();
      this.failureOf(error);
    }
  }
}
