import { EventEmitter } from "node:events";

import type pg from "pg";

import type { Database, Purpose, Row, Session } from "../../../src/platform/database.ts";
import { primaryListings } from "../../../src/platform/listings.ts";
import { PreparedRun } from "../../../src/platform/postgres-query.ts";
import { transact } from "../../../src/platform/postgres-transaction.ts";
import { PostgresWire } from "../../../src/platform/postgres-wire.ts";
import type { Process } from "../time/process.ts";
import type { Backend } from "./backend.ts";
import type { Server } from "./server.ts";

const statementTimeoutMs = 5_000;
const pipelined: ReadonlySet<Purpose> = new Set<Purpose>(["commit", "prefetch", "checkpoint"]);

interface Question {
  readonly name: string;
  readonly values: readonly (string | null)[];
}

/** The model's rows are values already: they are read by no columns. */
interface FirstAnswer {
  readonly rows: readonly Row[];
  readonly fields: readonly [];
}

/** The part of the driver's client that `PostgresWire` uses, over a line to the model. */
class Client extends EventEmitter {
  readonly #backend: Backend;

  constructor(backend: Backend) {
    super();
    this.#backend = backend;
  }

  query(question: Question | PreparedRun): Promise<FirstAnswer> | PreparedRun {
    if (question instanceof PreparedRun) {
      const { asked, done } = question;
      this.#backend.ask({
        name: asked.name,
        values: asked.values,
        answer: (rows) => {
          done(null, rows);
        },
        fail: (error) => {
          done(error, []);
        },
      });
      return question;
    }
    return new Promise((resolve, fail) => {
      const answer = (rows: readonly Row[]): void => {
        resolve({ rows, fields: [] });
      };
      this.#backend.ask({ name: question.name, values: question.values, answer, fail });
    });
  }
}

/**
 * The model of Postgres, as a process of the simulation has it: what is in the process (waiting, sending, time limits,
 * what a loss means, transactions) is the code of production; the driver and the server behind it are the model.
 */
export function databaseOf(server: Server, process: Process): Database {
  const { clock } = process;
  const line = server.lineOf(process);
  const open = (pipeline: boolean): PostgresWire => {
    let backend: Backend | null = null;
    const close = (): void => {
      backend?.close();
    };
    process.onDeath(close);
    return new PostgresWire({
      connect: () =>
        new Promise<pg.ClientBase>((resolve, reject) => {
          line.carry(0, () => {
            try {
              backend = server.accept(process, () => client.emit("end"));
              const client = new Client(backend);
              process.hears(0, () => {
                resolve(client as unknown as pg.ClientBase);
              });
            } catch (error) {
              process.hears(0, () => {
                reject(error instanceof Error ? error : new Error(String(error)));
              });
            }
          });
        }),
      destroy: close,
      pipeline,
      statementTimeoutMs,
      clock,
    });
  };
  const sessions = new Map<Purpose, Session>();
  const sessionOf = (purpose: Purpose): Session => {
    let wire: PostgresWire | null = null;
    return {
      run: (statement, values) => {
        if (!wire || wire.dead) wire = open(pipelined.has(purpose));
        return wire.run(statement, values);
      },
    };
  };
  const read = async <T>(body: (session: Session) => Promise<T>): Promise<T> => {
    const wire = open(false);
    try {
      return await body({
        run: (statement, values) => wire.run(statement, values, "SHARD_UNAVAILABLE"),
      });
    } finally {
      wire.die("the read is over");
    }
  };
  const reads: Session = { run: (statement, values) => read((one) => one.run(statement, values)) };
  return {
    kind: "postgres",
    durability: "of the simulation",
    session: (purpose) => {
      const session = sessions.get(purpose) ?? sessionOf(purpose);
      sessions.set(purpose, session);
      return session;
    },
    reads,
    listings: primaryListings({ read }),
    transaction: async (body) => {
      const wire = open(false);
      try {
        return await transact(wire, body);
      } finally {
        wire.die("the transaction is over");
      }
    },
    migrate: () => Promise.reject(new Error("the model has its schema")),
    close: () => Promise.resolve(),
  };
}
