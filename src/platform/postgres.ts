import { Socket } from "node:net";

import pg from "pg";

import { Fault } from "../wire/fault.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Database, Purpose, Row, Session, Statement } from "./database.ts";
import { PostgresWire } from "./postgres-wire.ts";
import { faultOfSqlError } from "./sql-fault.ts";
import { decoderOf } from "./sql-value.ts";

/** Where Postgres is, and how long it may take. */
export interface PostgresOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Encrypted, the server's certificate verified against the authorities Node knows. */
  readonly ssl: boolean;
  /** Connections of the pool for listings and transactions. */
  readonly poolMax?: number;
  /** From a call to its answer; then the connection is cut and the outcome is unknown. */
  readonly statementTimeoutMs: number;
  readonly clock?: Clock;
}

/** At most this long for TCP, TLS and the log-in; less if the statement's own limit is less. */
const connectTimeoutMaxMs = 5_000;

/** How much later than the client the server ends a statement: the client has already given it up. */
const serverTimeoutSlackMs = 500;

/** A silent connection is probed after this long. */
const keepAliveAfterMs = 10_000;

/** A pool connection without work is closed after this long. */
const poolIdleMs = 30_000;

const poolMaxDefault = 8;

/** How long a migrator waits for another one to finish, and each of its statements for a lock; then it fails. */
const migrationLockWaitMaxMs = 60_000;

/** One migration statement, an index over all orders included. */
const migrationStatementMaxMs = 3_600_000;

/** A transaction in which nothing happens is ended by the server after this long, and its locks with it. */
const idleInTransactionMaxMs = 30_000;

/** Reads and transactions that wait for a pool connection; then OVERLOADED. */
const waitingForPoolMax = 1_000;

/** A goodbye that takes longer is not waited for. */
const closeMaxMs = 5_000;

const begin: Statement = { name: "begin", text: "begin" };
const commit: Statement = { name: "commit", text: "commit" };
const rollback: Statement = { name: "rollback", text: "rollback" };
/** The number is "quota" in ASCII: other programs on the same database must not take it. */
const takeMigrationLock: Statement = {
  name: "take_migration_lock",
  text: "select pg_advisory_lock(487301543009)",
};

/**
 * Look-ups go by index whatever the statistics say: a plan that was made while a table was small would otherwise read
 * all of it for as long as the connection lives (measured: 1.2 ms in place of 0.1 at 10,000 rows).
 */
const byIndexAlways = "-c enable_seqscan=off";

const pipelined: ReadonlySet<Purpose> = new Set<Purpose>(["commit", "prefetch", "checkpoint"]);

/**
 * Postgres over TCP, by the driver `pg`.
 *
 * Nothing connects before its first use, so this neither waits nor fails.
 */
export function openPostgres(options: PostgresOptions): Database {
  const clock = options.clock ?? systemClock;
  const sessions = new Map<Purpose, PostgresSession>();
  const pool = openPool(options);

  return {
    kind: "postgres",
    durability:
      `as Postgres at ${options.host}:${options.port}/${options.database} is configured: ` +
      "a commit is answered when the server calls it durable, by its own fsync, synchronous_commit and standbys",
    session: (purpose) => {
      const session = sessions.get(purpose) ?? new PostgresSession(options, purpose, clock);
      sessions.set(purpose, session);
      return session;
    },
    reads: {
      run: (statement, values) =>
        onPool(pool, options, clock, (wire) => wire.run(statement, values)),
    },
    transaction: (body) => onPool(pool, options, clock, (wire) => transact(wire, body)),
    migrate: (apply) => migrate(options, clock, apply),
    close: async () => {
      const closing = [...sessions.values()].map((session) => session.close());
      await within(clock, closeMaxMs, Promise.all([...closing, pool.end()]));
    },
  };
}

/** A connection of its own, made at first use and again after a loss. */
class PostgresSession implements Session {
  readonly #options: PostgresOptions;
  readonly #purpose: Purpose;
  readonly #clock: Clock;
  #line: OwnLine | undefined;
  #closed = false;

  constructor(options: PostgresOptions, purpose: Purpose, clock: Clock) {
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

interface OwnLine {
  readonly client: pg.Client;
  readonly wire: PostgresWire;
  /** A goodbye after all that was sent has been answered, or a cut when that lasts too long. */
  readonly hangUp: () => Promise<void>;
}

interface LineOptions {
  readonly purpose: Purpose | "migrate";
  readonly pipeline: boolean;
  readonly statementTimeoutMs: number;
}

function openLine(options: PostgresOptions, clock: Clock, line: LineOptions): OwnLine {
  // The socket is ours because the driver has no way to cut a connection whose server hangs.
  const socket = new Socket();
  const client = new pg.Client({
    ...connection(options, line.purpose),
    ...(line.purpose === "migrate"
      ? { lock_timeout: migrationLockWaitMaxMs }
      : { statement_timeout: line.statementTimeoutMs + serverTimeoutSlackMs }),
    ...(line.purpose === "prefetch" ? { options: byIndexAlways } : {}),
    pipeline: line.pipeline,
    stream: () => socket,
  });
  // The wire listens while it lives; what comes after must not crash the process.
  client.on("error", () => undefined);
  const wire = new PostgresWire({
    connect: async () => {
      await client.connect();
      return client;
    },
    destroy: () => socket.destroy(),
    pipeline: line.pipeline,
    statementTimeoutMs: line.statementTimeoutMs,
    clock,
  });
  return {
    client,
    wire,
    hangUp: async () => {
      await within(clock, closeMaxMs, wire.settled());
      if (!wire.dead) await within(clock, closeMaxMs, client.end());
      wire.die("the database is closed");
    },
  };
}

function connection(
  options: PostgresOptions,
  purpose: Purpose | "migrate" | "reads",
): pg.ClientConfig {
  return {
    host: options.host,
    port: options.port,
    user: options.user,
    password: options.password,
    database: options.database,
    ssl: options.ssl,
    application_name: `quota-${purpose}`,
    connectionTimeoutMillis: Math.min(options.statementTimeoutMs, connectTimeoutMaxMs),
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    types: { getTypeParser: (oid: number) => decoderOf(oid) },
  };
}

function openPool(options: PostgresOptions): pg.Pool {
  const pool = new pg.Pool({
    ...connection(options, "reads"),
    statement_timeout: options.statementTimeoutMs + serverTimeoutSlackMs,
    idle_in_transaction_session_timeout: idleInTransactionMaxMs,
    max: options.poolMax ?? poolMaxDefault,
    idleTimeoutMillis: poolIdleMs,
  });
  // A connection that dies while it is idle is taken out by the pool itself.
  pool.on("error", () => undefined);
  return pool;
}

/** Borrows a connection of the pool; one that died or hangs is not given back. */
async function onPool<T>(
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

/**
 * Begin, the body, commit; or a rollback and what the body threw.
 *
 * A statement that failed has aborted the transaction even if the body went on: Postgres would answer its commit with a
 * silent rollback, so that failure is thrown again.
 */
async function transact<T>(wire: PostgresWire, body: (session: Session) => Promise<T>): Promise<T> {
  const failures: unknown[] = [];
  const run = async (
    statement: Statement,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> => {
    try {
      return await wire.run(statement, values, "SHARD_UNAVAILABLE");
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  try {
    await run(begin);
    const value = await body({ run });
    if (failures.length > 0) throw failures[0];
    await wire.run(commit);
    return value;
  } catch (error) {
    if (!wire.dead) {
      await wire.run(rollback).catch(() => {
        wire.die("a transaction could not be rolled back");
      });
    }
    throw error;
  }
}

async function migrate(
  options: PostgresOptions,
  clock: Clock,
  apply: (session: Session, script: (text: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const line = openLine(options, clock, {
    purpose: "migrate",
    pipeline: false,
    statementTimeoutMs: migrationStatementMaxMs,
  });
  try {
    await line.wire.run(takeMigrationLock);
    await apply(line.wire, (text) =>
      transact(line.wire, async () => {
        await runScript(line.client, text);
      }),
    );
  } finally {
    // The end of the session gives the lock back.
    await line.hangUp();
  }
}

async function runScript(client: pg.Client, text: string): Promise<void> {
  try {
    await client.query(text);
  } catch (error) {
    if (error instanceof pg.DatabaseError) throw faultOfSqlError(error, "migration");
    throw new Fault("SHARD_UNAVAILABLE", "the connection to Postgres was lost", { cause: error });
  }
}

/** Waits, but not longer than the limit; a failure of what is waited for is no failure of the wait. */
function within(clock: Clock, limitMs: number, waitedFor: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(limitMs, resolve);
    const done = (): void => {
      cancel();
      resolve();
    };
    waitedFor.then(done, done);
  });
}
