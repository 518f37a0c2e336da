import type { ExecutionContext } from "ava";

import { type Lifetime, shared } from "./lifetime.ts";
import { dataFolder, type Environment, postgresEnvironment } from "./service-process.ts";
import { realPostgres } from "./services.ts";

/** Where the service of a test keeps its quotas. */
export const stores = ["embedded", "postgres"] as const;
export type Store = (typeof stores)[number];

/** The settings of an empty store that goes with the test; null, and loudly said, where no Postgres is found. */
export async function newStore(t: ExecutionContext, store: Store): Promise<Environment | null> {
  if (store === "embedded") return { DATA_DIR: dataFolder(t) };
  const server = await realPostgres();
  if ("skipped" in server) {
    t.log(`SKIPPED: ${server.skipped}`);
    t.pass();
    return null;
  }
  t.teardown(() => server.stop());
  return postgresEnvironment(await server.newDatabase());
}

const postgres = shared(async (lifetime) => {
  const found = await realPostgres();
  if ("skipped" in found) return undefined;
  lifetime.teardown(() => found.stop());
  return found;
});

/** A store of its own on the Postgres of this machine. @returns undefined without one: a line has said so */
export async function storeOnPostgres(): Promise<Environment | undefined> {
  const server = await postgres();
  return server && postgresEnvironment(await server.migratedDatabase());
}

/** A store of its own: where there is a Postgres it is a database, which costs far less than an embedded one. */
export async function ownStore(lifetime: Lifetime): Promise<Environment> {
  return (await storeOnPostgres()) ?? { DATA_DIR: dataFolder(lifetime) };
}

/** What is begun keeps its files on a disk: where temporary folders are made is that of this process. */
export async function onDisk<T>(folder: string, begin: () => Promise<T>): Promise<T> {
  const { TMPDIR: usual } = process.env;
  process.env["TMPDIR"] = folder;
  try {
    return await begin();
  } finally {
    if (usual === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = usual;
  }
}
