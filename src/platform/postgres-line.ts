import { Socket } from "node:net";

import pg from "pg";

import type { Clock } from "./clock.ts";
import type { Purpose } from "./database.ts";
import {
  compilesNothing,
  connection,
  goodbye,
  type PostgresOptions,
  serverTimeoutMs,
} from "./postgres-connection.ts";
import { PostgresWire } from "./postgres-wire.ts";

/** How long a migrator waits for another one to finish, and each of its statements for a lock; then it fails. */
const migrationLockWaitMaxMs = 60_000;

/**
 * Look-ups go by index whatever the statistics say: a plan that was made while a table was small would otherwise read
 * all of it for as long as the connection lives (measured: 1.2 ms in place of 0.1 at 10,000 rows). And by one plan:
 * Postgres expects ten keys of an array that it does not know, finds fewer cheaper, and would plan each of these anew.
 */
const byIndexAlways = `${compilesNothing} -c enable_seqscan=off -c plan_cache_mode=force_generic_plan`;

/** A connection that nobody shares. */
export interface OwnLine {
  readonly client: pg.Client;
  readonly wire: PostgresWire;
  /** A goodbye after all that was sent has been answered, or a cut when that lasts too long. */
  readonly hangUp: () => Promise<void>;
}

/** What the connection is for, and how it is used. */
export interface LineOptions {
  readonly purpose: Purpose | "migrate" | "heartbeat";
  readonly pipeline: boolean;
  readonly statementTimeoutMs: number;
}

/** Connects at once, and waits for nothing: the first statement tells whether there is a server. */
export function openLine(options: PostgresOptions, clock: Clock, line: LineOptions): OwnLine {
  // The socket is ours because the driver has no way to cut a connection whose server hangs.
  const socket = new Socket();
  const client = new pg.Client({
    ...connection(options, line.purpose),
    ...(line.purpose === "migrate"
      ? { lock_timeout: migrationLockWaitMaxMs }
      : { statement_timeout: serverTimeoutMs(line.statementTimeoutMs) }),
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
      await goodbye(clock, wire.settled());
      if (!wire.dead) await goodbye(clock, client.end());
      wire.die("the database is closed");
    },
  };
}
