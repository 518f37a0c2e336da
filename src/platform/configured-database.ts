import type { DatabaseConfig } from "../config.ts";
import type { Database } from "./database.ts";
import type { ReplicaLog } from "./replica.ts";

/**
 * The Postgres that the settings name: a server, or the embedded one. Only the code of that one is loaded.
 * @param options.statementTimeoutMs of one statement of a server, waiting included; longer has an unknown outcome
 * @param options.onProgress told what the embedded one does at its start
 * @param options.onFatal told when the embedded one cannot go on; absent = it throws at its next use
 * @param options.replicaLog absent = a replica is not used
 */
export async function openConfigured(
  database: DatabaseConfig,
  options: {
    readonly statementTimeoutMs: number;
    readonly onProgress: (text: string) => void;
    readonly onFatal?: (fault: Error) => void;
    readonly replicaLog?: ReplicaLog;
  },
): Promise<Database> {
  const { statementTimeoutMs, replicaLog: log, ...embedded } = options;
  if (database.kind === "embedded") {
    const { openPglite } = await import("./pglite.ts");
    return openPglite({ folder: database.folder, ...embedded });
  }
  const { openPostgres } = await import("./postgres.ts");
  const { host, port, user, password, name, ssl, replicaHost } = database;
  return openPostgres({
    ...{ host, port, user, password, database: name, ssl, statementTimeoutMs },
    ...(log && replicaHost !== null ? { replica: { host: replicaHost, port, log } } : {}),
  });
}
