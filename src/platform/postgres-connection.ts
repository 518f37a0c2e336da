import type pg from "pg";

import type { Clock } from "./clock.ts";
import type { Purpose } from "./database.ts";
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
}

/** At most this long for TCP, TLS and the log-in; less if the statement's own limit is less. */
const connectTimeoutMaxMs = 5_000;

/** How much later than the client the server ends a statement: the client has already given it up. */
const serverTimeoutSlackMs = 500;

/** A silent connection is probed after this long. */
const keepAliveAfterMs = 10_000;

/** A goodbye that takes longer is not waited for. */
const goodbyeMaxMs = 5_000;

/** No statement here is so long that compiling it first pays; one whose rows are overestimated would wait a second. */
export const compilesNothing = "-c jit=off";

/** What every connection tells the driver; `purpose` is what the server's list of sessions shows. */
export function connection(
  options: PostgresOptions,
  purpose: Purpose | "migrate" | "reads" | "heartbeat",
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
    options: compilesNothing,
    types: { getTypeParser: (oid: number) => decoderOf(oid) },
  };
}

/** When the server ends a statement by itself: later than the client, which has given it up by then. */
export function serverTimeoutMs(statementTimeoutMs: number): number {
  return statementTimeoutMs + serverTimeoutSlackMs;
}

/** Waits for a goodbye, but not longer than its limit; a goodbye that fails is one too. */
export function goodbye(clock: Clock, waitedFor: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(goodbyeMaxMs, resolve);
    const done = (): void => {
      cancel();
      resolve();
    };
    waitedFor.then(done, done);
  });
}
