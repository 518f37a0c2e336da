import type { Row } from "../../../src/platform/database.ts";
import type { Agenda } from "../time/agenda.ts";
import type { Dice } from "../time/dice.ts";
import type { Process } from "../time/process.ts";
import type { Trace } from "../time/trace.ts";
import type { Line } from "./line.ts";
import { Parameters } from "./parameters.ts";
import { sqlError } from "./sql-error.ts";
import type { Statements } from "./statement.ts";
import type { Tables } from "./tables.ts";
import type { Transaction } from "./transaction.ts";

/** A statement works for about so long. */
const workMs = [0.05, 0.8] as const;
/** `idle_in_transaction_session_timeout` of the pool. */
const idleInTransactionMaxMs = 30_000;

/** The server around it. */
interface Around {
  readonly agenda: Agenda;
  readonly dice: Dice;
  readonly trace: Trace;
  readonly statements: Statements;
  readonly tables: Tables;
  readonly begin: () => Transaction;
  /** What a client is told of an error. */
  readonly failureOf: (error: unknown) => Error;
}

export interface Asked {
  readonly name: string;
  readonly values: readonly (string | null)[];
  readonly answer: (rows: readonly Row[]) => void;
  readonly fail: (error: Error) => void;
}

/**
 * The server's side of one connection: statements one after the other, each answered over the same stream.
 *
 *     open ──▶ over        (the client is gone, the server crashed, or the connection was reset)
 *
 * A statement that has arrived when the client goes is done to its end, and committed unless it is in a transaction.
 */
export class Backend {
  readonly of: Process;
  readonly #server: Around;
  readonly #line: Line;
  readonly #onEnd: () => void;
  #toServerMs = 0;
  #toClientMs = 0;
  readonly #arrived: Asked[] = [];
  #working = false;
  #running: Transaction | null = null;
  #transaction: Transaction | null = null;
  #failed = false;
  #statements = 0;
  #clientGone = false;
  #over = false;

  constructor(server: Around, of: Process, line: Line, onEnd: () => void) {
    this.#server = server;
    this.of = of;
    this.#line = line;
    this.#onEnd = onEnd;
  }

  /** The client sends a statement. */
  ask(asked: Asked): void {
    this.#toServerMs = this.#line.carry(this.#toServerMs, () => {
      if (this.#over) return;
      this.#arrived.push(asked);
      if (!this.#working) void this.#work();
    });
  }

  /** The client closes its side; what it had sent before still arrives. */
  close(): void {
    this.#clientGone = true;
    this.#line.carry(this.#toServerMs, () => {
      if (!this.#working) this.#finish();
    });
  }

  /** The connection breaks for both sides at once. */
  reset(): void {
    const isBehind = this.#server.dice.says(0.5);
    this.#clientGone = true;
    this.of.hears(0, this.#onEnd);
    if (isBehind || !this.#working) this.#finish();
  }

  /** The server is gone, and with it what was not committed. */
  end(): void {
    this.#finish();
    this.#line.carry(this.#toClientMs, () => {
      this.of.hears(0, this.#onEnd);
    });
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#arrived.length = 0;
    this.#transaction?.rollback();
    this.#running?.rollback();
  }

  async #work(): Promise<void> {
    this.#working = true;
    const { agenda, dice } = this.#server;
    for (;;) {
      const asked = this.#arrived.shift();
      if (!asked || this.#over) break;
      await new Promise<void>((resolve) => agenda.after(dice.between(...workMs), resolve));
      if (this.#isOver()) break;
      await this.#do(asked);
    }
    this.#working = false;
    if (this.#clientGone) this.#finish();
    else this.#watchIdle();
  }

  async #do(asked: Asked): Promise<void> {
    const { trace } = this.#server;
    this.#statements += 1;
    try {
      const rows = await this.#execute(asked);
      trace.note(`${this.of.name} ${asked.name} (${rows.length})`);
      this.#reply(() => {
        asked.answer(rows);
      });
    } catch (error) {
      const failure = this.#server.failureOf(error);
      trace.note(`${this.of.name} ${asked.name}: ${failure.message}`);
      this.#reply(() => {
        asked.fail(failure);
      });
    }
  }

  async #execute({ name, values }: Asked): Promise<readonly Row[]> {
    switch (name) {
      case "begin":
        this.#transaction = this.#server.begin();
        this.#failed = false;
        return [];
      case "commit":
      case "rollback":
        if (name === "commit" && !this.#failed) this.#transaction?.commit();
        else this.#transaction?.rollback();
        this.#transaction = null;
        return [];
      default:
        return this.#run(name, values);
    }
  }

  async #run(name: string, values: readonly (string | null)[]): Promise<readonly Row[]> {
    const { statements, tables } = this.#server;
    const execute = statements[name];
    if (!execute) throw new Error(`the model of the store does not know the statement ${name}`);
    if (this.#transaction && this.#failed) throw sqlError("25P02", "the transaction is aborted");
    const transaction = this.#transaction ?? this.#server.begin();
    this.#running = transaction;
    transaction.beginStatement();
    try {
      const rows = await execute(new Parameters(values), tables, transaction);
      if (!this.#transaction) transaction.commit();
      return rows;
    } catch (error) {
      this.#failed = true;
      if (!this.#transaction) transaction.rollback();
      throw error;
    } finally {
      this.#running = null;
    }
  }

  #reply(deliver: () => void): void {
    this.#toClientMs = this.#line.carry(this.#toClientMs, () => {
      if (!this.#clientGone && !this.#over) this.of.hears(0, deliver);
    });
  }

  /** A transaction in which nothing happens is ended, and its locks with it. */
  #watchIdle(): void {
    if (!this.#transaction) return;
    const { agenda } = this.#server;
    const statements = this.#statements;
    agenda.after(idleInTransactionMaxMs, () => {
      if (this.#transaction && this.#statements === statements) this.end();
    });
  }

  #isOver(): boolean {
    return this.#over;
  }
}
