import { randomBytes } from "node:crypto";

import { applyMigrations } from "../../src/platform/migrations.ts";
import { openPostgres } from "../../src/platform/postgres.ts";
import { makeDatabase, type PostgresAddress } from "./services-address.ts";
import type { Programs } from "./services-programs.ts";
import { freePort, initialise, serverFolder, serverOf } from "./services-server.ts";

const statementTimeoutMs = 60_000;

/** A server that this thread has started; it ends with the thread at the latest. */
export interface OwnServer extends PostgresAddress {
  /** Ends the server and removes what it wrote. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** @param settings over those that suit a test */
export async function ownPostgres(
  programs: Programs,
  settings?: readonly string[],
): Promise<OwnServer> {
  const folder = serverFolder(programs);
  const password = randomBytes(12).toString("hex");
  initialise(programs, folder.path, password);
  const address: PostgresAddress = {
    host: "127.0.0.1",
    port: await freePort(),
    user: "quota",
    password,
    database: "postgres",
    ssl: false,
  };
  const server = serverOf(programs, folder.path, address, settings);
  await server.start();
  return {
    ...address,
    stop: async () => {
      await server.end("SIGINT");
      folder.remove();
    },
    kill: () => server.end("SIGKILL"),
    restart: async () => {
      await server.end("SIGINT");
      await server.start();
    },
  };
}

/** A database with the schema and nothing in it. */
export async function makeMigrated(server: PostgresAddress): Promise<PostgresAddress> {
  const address = await makeDatabase(server);
  const database = openPostgres({ ...address, statementTimeoutMs });
  try {
    await applyMigrations(database);
  } finally {
    await database.close();
  }
  return address;
}
