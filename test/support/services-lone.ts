import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { guardedFolder } from "./services-folder.ts";
import { freePort } from "./services-server.ts";

/** A server that is one process on one port, with its files in one folder. */
export interface LoneProgram {
  readonly name: string;
  readonly command: string;
  parameters(port: number, folder: string): readonly string[];
  /** Beside the PATH. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Sent to it when it is connected; may be empty. */
  readonly greeting: string;
  /** How the answer of a server that serves begins. */
  readonly answer: RegExp;
}

/** Such a server, running. */
export interface LoneServer {
  readonly host: string;
  readonly port: number;
  /** Ends the server and removes what it wrote. */
  stop(): Promise<void>;
  /** kill -9; its files stay for `restart`. */
  kill(): Promise<void>;
  /** An orderly end or, after a kill, nothing; then a start on the same port and files. */
  restart(): Promise<void>;
}

const host = "127.0.0.1";
const startMaxMs = 20_000;
const stopMaxMs = 10_000;
const pollMs = 20;

/** A shell script that ends whatever works in the folder `$1`: some servers rewrite their command line. */
export const endThere = `
for process in /proc/[0-9]*; do
  if [ "$(readlink "$process/cwd")" = "$1" ]; then kill -KILL "\${process#/proc/}"; fi
done 2> /dev/null
`;

/** Where Debian puts servers, which is not on everybody's path. */
const serverFolders = ["/usr/local/bin", "/usr/local/sbin", "/usr/sbin", "/usr/bin"];

/** @returns undefined if this machine has no such program */
export function programPath(command: string): string | undefined {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return [...onPath, ...serverFolders].map((folder) => join(folder, command)).find(existsSync);
}

/** Starts a program on a free port, in a fresh folder. @throws Error with its log if it does not serve */
export async function startLone(path: string, program: LoneProgram): Promise<LoneServer> {
  const guarded = guardedFolder(program.command, endThere);
  const folder = guarded.path;
  const port = await freePort();
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const log = openSync(join(folder, "log"), "a");
    server = spawn(path, program.parameters(port, folder), {
      cwd: folder,
      detached: true,
      stdio: ["ignore", log, log],
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", ...program.environment },
    });
    server.on("error", () => undefined);
    server.unref();
    closeSync(log);
    await untilServing(program, port, join(folder, "log"));
  };
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    if (server === undefined) return;
    await ended(server, signal);
    server = undefined;
  };
  await start();
  return {
    host,
    port,
    stop: async () => {
      await end("SIGTERM");
      guarded.remove();
    },
    kill: () => end("SIGKILL"),
    restart: async () => {
      await end("SIGTERM");
      await start();
    },
  };
}

async function ended(server: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  const gone = (): boolean => server.exitCode !== null || server.signalCode !== null;
  server.kill(signal);
  const deadline = performance.now() + stopMaxMs;
  while (!gone()) {
    if (performance.now() > deadline) server.kill("SIGKILL");
    await wait(pollMs);
  }
}

async function untilServing(program: LoneProgram, port: number, logPath: string): Promise<void> {
  const deadline = performance.now() + startMaxMs;
  while (!(await serves(program, port))) {
    if (performance.now() > deadline) {
      throw new Error(`${program.name} did not start:\n${readFileSync(logPath, "utf8")}`);
    }
    await wait(pollMs);
  }
}

function serves(program: LoneProgram, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const tell = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(startMaxMs, () => {
      tell(false);
    });
    socket.once("connect", () => socket.write(program.greeting));
    socket.once("data", (chunk) => {
      tell(program.answer.test(chunk.toString("latin1")));
    });
    socket.once("error", () => {
      tell(false);
    });
    socket.once("end", () => {
      tell(false);
    });
  });
}
