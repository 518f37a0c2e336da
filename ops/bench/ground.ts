import { existsSync } from "node:fs";
import { join } from "node:path";

import { realPostgres, type RealPostgres } from "../../test/support/services.ts";
import type { PostgresAddress } from "../../test/support/services-address.ts";
import { guardedFolder } from "../../test/support/services-folder.ts";
import {
  endThere,
  type LoneProgram,
  type LoneServer,
  programPath,
  startLone,
} from "../../test/support/services-lone.ts";
import { realNats, type RealNats } from "../../test/support/services-nats.ts";
import { findPrograms } from "../../test/support/services-programs.ts";
import { postmasterAt } from "./cpu.ts";
import { outputOf, type Place } from "./program.ts";

/** Servers of the bench's own, the same for the service and for what it is measured beside. */
export interface Ground extends Place {
  readonly postgres: RealPostgres;
  readonly postmasterPid: number;
  readonly redis: LoneServer;
  readonly nats: RealNats;
  readonly say: (progress: string) => void;
  /** Ends the servers and removes what they wrote. */
  readonly stop: () => Promise<void>;
}

/** As an operator would have it on a small machine; `fsync` is on, `synchronous_commit` too. */
export const postgresSettings = [
  "shared_buffers=512MB",
  "max_wal_size=4GB",
  "checkpoint_timeout=15min",
  "autovacuum=on",
];

const redisProgram: LoneProgram = {
  name: "Redis",
  command: "redis-server",
  parameters: (port, folder) => [
    ...["--bind", "127.0.0.1", "--port", String(port), "--dir", `${folder}/`, "--save", ""],
    ...["--appendonly", "yes", "--appendfsync", "always"],
    // Else it would rewrite the file in the middle of a measure.
    ...["--auto-aof-rewrite-percentage", "0"],
  ],
  greeting: "PING\r\n",
  answer: /^\+PONG/,
};

/** The programs that give the load, of the machine and not of npm: whoever measures installs them. */
export const loadPrograms = ["wrk", "pgbench", "psql", "redis-benchmark"] as const;
export type LoadProgram = (typeof loadPrograms)[number];

/** @throws Error that says what to install */
export function loadProgram(name: LoadProgram): string {
  const beside = findPrograms()?.bin;
  const ofPostgres = beside === undefined ? undefined : join(beside, name);
  const path = ofPostgres !== undefined && existsSync(ofPostgres) ? ofPostgres : programPath(name);
  if (path === undefined) throw new Error(`install ${name}: it is not in the PATH`);
  return path;
}

/** @param stop ends everything early */
export async function makeGround(
  stop: AbortSignal,
  wholeMaxMs: number,
  say: (progress: string) => void,
): Promise<Ground> {
  for (const name of loadPrograms) loadProgram(name);
  const redisPath = programPath(redisProgram.command);
  if (redisPath === undefined) throw new Error("install redis-server: it is not in the PATH");
  say("starting a Postgres, a Redis and a NATS");
  const postgres = await realPostgres({ own: true, settings: postgresSettings });
  if ("skipped" in postgres) throw new Error(`no Postgres to measure on: ${postgres.skipped}`);
  const nats = await realNats({ own: true });
  if ("skipped" in nats) {
    await postgres.stop();
    throw new Error(`no NATS to measure on: ${nats.skipped}`);
  }
  const redis = await startLone(redisPath, redisProgram);
  const scratch = guardedFolder("bench", endThere);
  const over = new AbortController();
  return {
    ...{ postgres, nats, redis, say, folder: scratch.path },
    postmasterPid: postmasterAt(postgres.port),
    signal: AbortSignal.any([stop, over.signal, AbortSignal.timeout(wholeMaxMs)]),
    stop: async () => {
      over.abort(new Error("the bench is over"));
      await Promise.all([redis.stop(), nats.stop(), postgres.stop()]);
      scratch.remove();
    },
  };
}

/** Where a program of Postgres' finds a database. */
export function addressOf({ user, password, host, port, database }: PostgresAddress): string {
  return `postgresql://${user}:${password}@${host}:${port}/${database}`;
}

/** Runs SQL. @returns the first column's values of the last statement */
export async function sql(
  place: Place,
  database: PostgresAddress,
  text: string,
): Promise<readonly string[]> {
  const quietly = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"];
  const output = await outputOf(place, loadProgram("psql"), [
    addressOf(database),
    ...quietly,
    ...["-c", text],
  ]);
  return output.split("\n").filter((line) => line !== "");
}
