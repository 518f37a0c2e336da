import { answering, FakeNeighbour } from "./fake-neighbour.ts";
import { type Lifetime, shared } from "./lifetime.ts";
import {
  dataFolder,
  type Environment,
  postgresEnvironment,
  startService,
} from "./service-process.ts";
import { realPostgres } from "./services.ts";

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

/**
 * The service of all tests that can do with merchants of their own, and the target that it tells alerts. Days are
 * limited to 100,000.
 */
export const commonService = shared(async (lifetime) => {
  const target = await FakeNeighbour.start(answering({}));
  lifetime.teardown(() => target.stop());
  const { url } = await startService(lifetime, {
    ...(await ownStore(lifetime)),
    DEFAULT_DAILY_LIMIT: "100000",
    ALERT_WEBHOOK_URLS: `${target.url}/alerts`,
    ALERT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
  });
  return { url, target };
});
