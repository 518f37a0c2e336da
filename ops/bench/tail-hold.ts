import { spawn } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";

import type { PostgresAddress } from "../../test/support/services-address.ts";
import { addressOf, type Ground, loadProgram, sql } from "./ground.ts";

/** Holds back every write into the log, and with it the checkpoints; commits go on. */
const holdBack = "begin; lock table quota_usage_logs in share mode; select pg_sleep(600);";
const isHeld = `
select count(*) from pg_locks
where relation = 'quota_usage_logs'::regclass and mode = 'ShareLock' and granted`;
const heldMaxMs = 20_000;

/** Lets the checkpoints of a database go on, whoever was waiting. */
export type LetGo = () => Promise<void>;

/** Keeps the tables of a database as they are, so that the journal's tail grows. */
export async function holdTail(ground: Ground, database: PostgresAddress): Promise<LetGo> {
  const child = spawn(loadProgram("psql"), ["-X", "-q", addressOf(database), "-c", holdBack], {
    cwd: ground.folder,
    stdio: "ignore",
    detached: true,
    signal: ground.signal,
    killSignal: "SIGKILL",
  });
  child.on("error", () => undefined);
  const letGo = async (): Promise<void> => {
    // Killed by itself, psql would leave its session asleep with the lock.
    await sql(
      ground,
      database,
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and query like '%lock table quota_usage_logs%'
         and pid <> pg_backend_pid()`,
    );
    child.kill("SIGKILL");
  };
  const untilMs = performance.now() + heldMaxMs;
  while ((await sql(ground, database, isHeld))[0] === "0") {
    if (performance.now() > untilMs) throw new Error("the tables could not be held back");
    await wait(50, undefined, { signal: ground.signal });
  }
  return letGo;
}
