import { existsSync } from "node:fs";
import { join } from "node:path";

import type { PostgresAddress } from "./services-address.ts";
import { findPrograms } from "./services-programs.ts";
import { copyOf, serverFolder, serverOf } from "./services-server.ts";
import { type Skipped, skip } from "./services-skipped.ts";

/** A server that streams from another one. Stop it before the other. */
export interface RealReplica {
  /** As DB_REPLICA_HOST wants it: the primary's port. */
  readonly host: string;
  stop(): Promise<void>;
  /** kill -9 of the server; its files stay for `restart`. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** Another address of the same machine. */
const replicaHost = "127.0.0.2";

/** @param primary a server of one's own on this machine */
export async function realReplica(primary: PostgresAddress): Promise<RealReplica | Skipped> {
  const programs = findPrograms();
  if (programs === undefined || !existsSync(join(programs.bin, "pg_basebackup"))) {
    return skip("replica of Postgres", "no postgres with pg_basebackup on this machine");
  }
  const folder = serverFolder(programs);
  copyOf(programs, folder.path, primary);
  const server = serverOf(programs, folder.path, { ...primary, host: replicaHost });
  await server.start();
  return {
    host: replicaHost,
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
