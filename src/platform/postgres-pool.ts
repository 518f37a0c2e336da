import pg from "pg";

import { Fault } from "../wire/fault.ts";
import type { Clock } from "./clock.ts";
import type { Session } from "./database.ts";
import { connection, type PostgresOptions, serverTimeoutMs } from "./postgres-connection.ts";
import { PostgresWire } from "./postgres-wire.ts";

const poolMaxDefault = 8;

/** A pool connection without work is closed after this long. */
const poolIdleMs = 30_000;

/** A transaction in which nothing happens is ended by the server after this long, and its locks with it. */
const idleInTransactionMaxMs = 30_000;

/** Reads and transactions that wait for a pool connection; then OVERLOADED. */
const waitingForPoolMax = 1_000;

/** Connections for listings and transactions, made when they are needed. */
export function openPool(options: PostgresOptions): pg.Pool {
  const pool = new pg.Pool({
    ...connection(options, "reads"),
    statement_timeout: serverTimeoutMs(options.statementTimeoutMs),
    idle_in_transaction_session_timeout: idleInTransactionMaxMs,
    max: options.poolMax ?? poolMaxDefault,
    idleTimeoutMillis: poolIdleMs,
  });
  // A connection that dies while it is idle is taken out by the pool itself.
  pool.on("error", () => undefined);
  return pool;
}

/** Borrows a connection of the pool; one that died or hangs is not given back. */
export async function onPool<T>(
  pool: pg.Pool,
  options: PostgresOptions,
  clock: Clock,
  use: (wire: PostgresWire) => Promise<T>,
): Promise<T> {
  if (pool.waitingCount >= waitingForPoolMax) {
    throw new Fault("OVERLOADED", `${waitingForPoolMax} reads wait for a connection to Postgres`);
  }
  let borrowed: pg.PoolClient | undefined;
  const giveBack = (broken: boolean): void => {
    borrowed?.release(broken);
    borrowed = undefined;
  };
  const wire = new PostgresWire({
    connect: async () => {
      borrowed = await pool.connect();
      return borrowed;
    },
    destroy: () => {
      giveBack(true);
    },
    pipeline: false,
    statementTimeoutMs: options.statementTimeoutMs,
    clock,
  });
  try {
    return await use(wire);
  } finally {
    giveBack(false);
    wire.leave();
  }
}

/** Reads over one connection of the pool. A read changes nothing: one that is lost can be asked for again. */
export function readOnPool<T>(
  pool: pg.Pool,
  options: PostgresOptions,
  clock: Clock,
  body: (session: Session) => Promise<T>,
): Promise<T> {
  return onPool(pool, options, clock, (wire) =>
    body({ run: (statement, values) => wire.run(statement, values, "SHARD_UNAVAILABLE") }),
  );
}
