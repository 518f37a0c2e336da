import pg from "pg";

import { Fault, type FaultCode } from "../wire/fault.ts";
import type { Cancel, Clock } from "./clock.ts";
import type { Row, Session, Statement } from "./database.ts";
import { type Column, columnsOf, PreparedRun } from "./postgres-query.ts";
import { endsConnection, faultOfSqlError } from "./sql-fault.ts";
import { encodeValue } from "./sql-value.ts";

/*
 * One connection's life:
 *
 *   connecting ──▶ ready ──▶ dead
 *        └───────────────────▲
 *
 * A statement waits, is sent, settles. It is sent when the connection is ready and the gate is open; the gate is shut
 * while a statement must be alone: always without pipelining, and with it while a statement is prepared for the first
 * time, because if preparing failed then all that were sent behind it by the same name would fail for no fault of theirs.
 * When the connection dies, what was sent has an unknown outcome and what waited certainly did nothing: it is refused
 * and not sent again, or it would overtake what was lost.
 */

/** Statements that wait for their turn on one connection; then OVERLOADED. */
const waitingStatementsMax = 10_000;

/** Statements on the wire of one connection at a time; the others wait. */
const pipelinedStatementsMax = 128;

interface Job {
  readonly statement: Statement;
  readonly values: (string | null)[];
  /** What a loss after sending means. */
  readonly codeOfLoss: FaultCode;
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (fault: Fault) => void;
  cancelTimer: Cancel;
  sent: boolean;
}

interface Prepared {
  readonly text: string;
  readonly columns: readonly Column[];
}

/** How one connection is made, used and torn. */
export interface WireOptions {
  /** @throws anything when there is no connection to be had: nothing was sent */
  readonly connect: () => Promise<pg.ClientBase>;
  /** Cuts the connection at once, without a goodbye: the server may hang. Called once, connected or not. */
  readonly destroy: () => void;
  readonly pipeline: boolean;
  /** From the call to the answer, waiting included. */
  readonly statementTimeoutMs: number;
  readonly clock: Clock;
}

/** One connection to Postgres: statements in, in order, until it dies. It never connects again; see `openPostgres`. */
export class PostgresWire implements Session {
  readonly #options: WireOptions;
  readonly #waiting: Job[] = [];
  readonly #sent = new Set<Job>();
  readonly #idle: (() => void)[] = [];
  /** Statements that have run on this connection. */
  readonly #prepared = new Map<string, Prepared>();
  #client: pg.ClientBase | undefined;
  #detach: () => void = () => undefined;
  #gateShut = false;
  #dead = false;

  constructor(options: WireOptions) {
    this.#options = options;
    options.connect().then(
      (client) => {
        if (this.#dead) {
          options.destroy();
          return;
        }
        this.#client = client;
        const die = (): void => {
          this.die("the connection to Postgres was lost");
        };
        client.on("error", die);
        client.on("end", die);
        this.#detach = () => {
          client.off("error", die);
          client.off("end", die);
        };
        this.#send();
      },
      (error: unknown) => {
        this.die("could not connect to Postgres", error);
      },
    );
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** @param codeOfLoss of a read, and inside a transaction before its commit, a loss means that nothing happened */
  run(
    statement: Statement,
    values: readonly unknown[] = [],
    codeOfLoss: FaultCode = "OUTCOME_UNKNOWN",
  ): Promise<readonly Row[]> {
    if (this.#dead) {
      return Promise.reject(new Fault("SHARD_UNAVAILABLE", "the connection to Postgres was lost"));
    }
    if (this.#waiting.length >= waitingStatementsMax) {
      return Promise.reject(
        new Fault("OVERLOADED", `${waitingStatementsMax} statements wait for Postgres`),
      );
    }
    return new Promise((resolve, reject) => {
      const job: Job = {
        statement,
        values: values.map(encodeValue),
        codeOfLoss,
        resolve,
        reject,
        cancelTimer: () => undefined,
        sent: false,
      };
      job.cancelTimer = this.#options.clock.after(this.#options.statementTimeoutMs, () => {
        this.#timeOut(job);
      });
      this.#waiting.push(job);
      this.#send();
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  settled(): Promise<void> {
    if (this.#waiting.length === 0 && this.#sent.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }

  /** Lets go of a borrowed connection that goes back whole; call it when nothing is under way. */
  leave(): void {
    this.#detach();
    this.#dead = true;
  }

  /** Tears the connection; whoever waits on it is answered. */
  die(reason: string, cause?: unknown): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#options.destroy();
    for (const job of this.#sent) {
      this.#reject(job, new Fault(job.codeOfLoss, reason, { cause }));
    }
    for (const job of this.#waiting.splice(0)) {
      this.#reject(job, new Fault("SHARD_UNAVAILABLE", reason, { cause }));
    }
    this.#tellIdle();
  }

  #tellIdle(): void {
    if (this.#waiting.length > 0 || this.#sent.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #timeOut(job: Job): void {
    const text = `statement ${job.statement.name} had no answer in ${this.#options.statementTimeoutMs} ms`;
    if (job.sent || this.#client === undefined) {
      this.die(text);
      return;
    }
    this.#waiting.splice(this.#waiting.indexOf(job), 1);
    this.#reject(job, new Fault("SHARD_UNAVAILABLE", `${text}: it was not sent`));
  }

  #send(): void {
    const client = this.#client;
    if (client === undefined || this.#dead) return;
    while (!this.#gateShut && this.#sent.size < pipelinedStatementsMax) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      this.#sendOne(client, job);
    }
  }

  #sendOne(client: pg.ClientBase, job: Job): void {
    const { name, text } = job.statement;
    const known = this.#prepared.get(name);
    if (known !== undefined && known.text !== text) {
      this.#reject(job, new Fault("INTERNAL", `two statements have the name ${name}`));
      return;
    }
    const alone = !this.#options.pipeline || known === undefined;
    this.#gateShut = alone;
    job.sent = true;
    this.#sent.add(job);
    const settle = (error: unknown, rows: readonly Row[]): void => {
      if (error === null) this.#resolve(job, rows);
      else this.#fail(job, error);
      if (alone) this.#gateShut = false;
      this.#send();
      this.#tellIdle();
    };
    if (known !== undefined) {
      client.query(new PreparedRun({ name, values: job.values, ...known }, settle));
      return;
    }
    client.query<Row>({ name, text, values: job.values }).then(
      ({ fields, rows }) => {
        this.#prepared.set(name, { text, columns: columnsOf(fields) });
        settle(null, rows);
      },
      (error: unknown) => {
        settle(error, []);
      },
    );
  }

  #resolve(job: Job, rows: readonly Row[]): void {
    this.#sent.delete(job);
    job.cancelTimer();
    job.resolve(rows);
  }

  #fail(job: Job, error: unknown): void {
    if (!(error instanceof pg.DatabaseError)) {
      this.die("the connection to Postgres was lost", error);
      return;
    }
    if (endsConnection(error)) {
      this.die(`Postgres ended the connection: ${error.message}`, error);
      return;
    }
    const fault = faultOfSqlError(error, job.statement.name);
    const isLoss = fault.code === "OUTCOME_UNKNOWN" && job.codeOfLoss !== fault.code;
    this.#reject(job, isLoss ? new Fault(job.codeOfLoss, fault.message, { cause: error }) : fault);
  }

  #reject(job: Job, fault: Fault): void {
    this.#sent.delete(job);
    job.cancelTimer();
    job.reject(fault);
  }
}
