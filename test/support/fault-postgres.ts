import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

import pg from "pg";

import type { PostgresAddress } from "./services.ts";

/** What an operator or a machine does to a Postgres of one's own, by the signals of its processes (Linux). */
export interface PostgresFault {
  /** A fast shutdown: connections are cut, and none is taken until it is started again. */
  shutDown(): Promise<void>;
  /** Every process stands still, as on a machine that swaps; connections stay open. */
  freeze(): void;
  thaw(): void;
}

const endMaxMs = 20_000;
const pollMs = 20;

/** @param address a running server, not one that others use */
export async function faultOfPostgres(address: PostgresAddress): Promise<PostgresFault> {
  const server = await postmasterOf(address);
  let frozen: readonly number[] = [];
  return {
    shutDown: async () => {
      process.kill(server, "SIGINT");
      const deadline = performance.now() + endMaxMs;
      while (parentOf(server) !== undefined) {
        if (performance.now() > deadline) throw new Error("Postgres did not shut down");
        await wait(pollMs);
      }
    },
    freeze: () => {
      // The server first: none of its processes is begun anew. One that ended by itself meanwhile stands still anyway.
      process.kill(server, "SIGSTOP");
      frozen = [server, ...childrenOf(server)];
      for (const pid of frozen) if (parentOf(pid) !== undefined) stop(pid);
    },
    thaw: () => {
      for (const pid of frozen) if (parentOf(pid) !== undefined) process.kill(pid, "SIGCONT");
      frozen = [];
    },
  };
}

function stop(pid: number): void {
  try {
    process.kill(pid, "SIGSTOP");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function postmasterOf(address: PostgresAddress): Promise<number> {
  const client = new pg.Client({ ...address });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    const parent = parentOf(rows[0]?.pid ?? 0);
    if (parent === undefined) throw new Error("the server is not a process of this machine");
    return parent;
  } finally {
    await client.end();
  }
}

function childrenOf(pid: number): readonly number[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return all.map(Number).filter((each) => parentOf(each) === pid);
}

/** undefined = there is no such process, or only what is left of a dead one. */
function parentOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    if (/^State:\s+Z/m.test(status)) return undefined;
    return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
  } catch {
    return undefined;
  }
}
