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
