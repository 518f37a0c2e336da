import type { ExecutionContext } from "ava";

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
