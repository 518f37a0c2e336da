import type { SharedWorker } from "ava/plugin";

import type { PostgresAddress } from "./services-address.ts";
import { makeMigrated, ownPostgres } from "./services-own.ts";
import type { Programs } from "./services-programs.ts";

/** A server for all files of a run, and a database in it with the schema, to make others from. */
export interface SharedServer {
  readonly server: PostgresAddress;
  readonly template: string;
}

/** Asked with the programs to start, answered with what serves or why nothing does. */
export type SharedMessage = Programs | SharedServer | { readonly failure: string };

let started: Promise<SharedMessage> | undefined;

/** A thread beside those of the test files, which lives as long as their run: one server is enough for all of them. */
async function serve(ava: SharedWorker.FactoryOptions): Promise<void> {
  const protocol = ava.negotiateProtocol<SharedMessage>(["ava-4"]).ready();
  for await (const message of protocol.subscribe()) {
    if (!("bin" in message.data)) continue;
    started ??= start(message.data).catch((error: unknown) => ({
      failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }));
    message.reply(await started);
  }
}

/** It is neither killed nor frozen, so that nothing is lost where nothing is synced. */
const settings = ["fsync=off", "full_page_writes=off"];

async function start(programs: Programs): Promise<SharedServer> {
  const server = await ownPostgres(programs, settings);
  const { database } = await makeMigrated(server);
  return { server: addressOf(server), template: database };
}

/** Nothing but the data: it goes to another thread. */
function addressOf({
  host,
  port,
  user,
  password,
  database,
  ssl,
}: PostgresAddress): PostgresAddress {
  return { host, port, user, password, database, ssl };
}

// AVA asks for a default export.
export { serve as default };
