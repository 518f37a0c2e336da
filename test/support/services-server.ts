import { execFileSync, spawn } from "node:child_process";
import {
  chownSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { execute, type PostgresAddress } from "./services-address.ts";
import { type GuardedFolder, guardedFolder } from "./services-folder.ts";
import type { Programs } from "./services-programs.ts";

const startMaxMs = 30_000;
const stopMaxMs = 10_000;

/** Ends the server of a folder without a goodbye. */
const end = `
pid=$(head -n 1 "$1/data/postmaster.pid" 2> /dev/null)
if [ -n "$pid" ] && tr '\\0' ' ' < "/proc/$pid/cmdline" 2> /dev/null | grep -qF "$1"; then
  kill -QUIT "$pid" 2> /dev/null
  sleep 1
fi
`;

/** A folder for a server that does not run as this user. */
export function serverFolder({ owner }: Programs): GuardedFolder {
  const folder = guardedFolder("postgres", end);
  if (owner !== undefined) chownSync(folder.path, owner.uid, owner.gid);
  return folder;
}

/** Makes the files of a new server. */
export function initialise(programs: Programs, folder: string, password: string): void {
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o644 });
  const settings = ["--username=quota", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"];
  const shape = ["--encoding=UTF8", "--locale=C", "--no-sync", "-D", join(folder, "data")];
  run(programs, "initdb", [...settings, ...shape]);
}

/** Makes the files of a streaming replica from its running primary. */
export function copyOf(programs: Programs, folder: string, primary: PostgresAddress): void {
  const { host, port, user, password } = primary;
  const address = `postgresql://${user}:${password}@${host}:${port}/postgres`;
  const shape = ["--no-sync", "--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf"];
  run(programs, "pg_basebackup", ["-d", address, "-D", join(folder, "data"), ...shape]);
}

function run(programs: Programs, program: string, parameters: readonly string[]): void {
  const [command = "", ...rest] = [...programs.as, join(programs.bin, program), ...parameters];
  execFileSync(command, rest, {
    stdio: ["ignore", "ignore", "pipe"],
    env: bareEnvironment(),
    cwd: "/",
  });
}

/** PGHOST and its like in the environment must not lead a test elsewhere. */
function bareEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C" };
}

/** One server on its own files and port. */
export interface Server {
  start(): Promise<void>;
  end(signal: "SIGINT" | "SIGKILL"): Promise<void>;
}

/**
 * Neither starts nor asks anything yet.
 * @param more settings such as `shared_buffers=1GB`, over those that suit a test
 */
export function serverOf(
  programs: Programs,
  folder: string,
  address: PostgresAddress,
  more: readonly string[] = [],
): Server {
  const settings = [
    `listen_addresses=${address.host}`,
    `unix_socket_directories=${folder}`,
    "fsync=on",
    "shared_buffers=32MB",
    "max_connections=200",
    "max_wal_size=256MB",
    "autovacuum=off",
    ...more,
  ];
  const parameters = settings.flatMap((setting) => ["-c", setting]);
  const logPath = join(folder, "log");
  let ended: Promise<void> = Promise.resolve();
  return {
    start: async () => {
      const log = openSync(logPath, "a");
      const [command = "", ...rest] = [
        ...programs.as,
        join(programs.bin, "postgres"),
        ...["-D", join(folder, "data"), "-p", String(address.port), ...parameters],
      ];
      const server = spawn(command, rest, {
        detached: true,
        stdio: ["ignore", log, log],
        env: bareEnvironment(),
        cwd: "/",
      });
      closeSync(log);
      server.unref();
      ended = new Promise((resolve) => {
        server.once("exit", () => {
          resolve();
        });
        server.once("error", () => {
          resolve();
        });
      });
      await untilAnswering(address, logPath);
    },
    end: async (signal) => {
      const pid = postmasterPid(folder);
      if (pid === undefined) return;
      process.kill(pid, signal);
      const inTime = new AbortController();
      const overdue = wait(stopMaxMs, "overdue", inTime).catch(() => "ended");
      if ((await Promise.race([ended, overdue])) === "overdue") process.kill(pid, "SIGKILL");
      inTime.abort();
      // A server that was killed leaves its pid file, and its children some moments to go.
      if (signal === "SIGKILL") rmSync(join(folder, "data", "postmaster.pid"), { force: true });
      if (signal === "SIGKILL") await wait(childrenGoMs);
    },
  };
}

/** The children of a killed server see its death and go; until then a restart is refused the shared memory. */
const childrenGoMs = 500;

function postmasterPid(folder: string): number | undefined {
  const path = join(folder, "data", "postmaster.pid");
  if (!existsSync(path)) return undefined;
  return Number(readFileSync(path, "utf8").split("\n")[0]);
}

async function untilAnswering(address: PostgresAddress, logPath: string): Promise<void> {
  const deadline = performance.now() + startMaxMs;
  for (;;) {
    try {
      await execute(address, "select 1");
      return;
    } catch (error) {
      if (performance.now() > deadline) {
        throw new Error(`Postgres did not start:\n${readFileSync(logPath, "utf8")}`, {
          cause: error,
        });
      }
      await wait(50);
    }
  }
}

/** Below those that a system gives to connections going out: one of these could take it before it is used. */
const ports = { from: 10_000, below: 32_000 } as const;

/** Of this machine; another server may still take it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = ports.from + Math.floor(Math.random() * (ports.below - ports.from));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
