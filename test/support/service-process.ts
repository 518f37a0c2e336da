import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { type Claims, signToken } from "../../src/platform/token.ts";
import type { Lifetime } from "./lifetime.ts";
import type { PostgresAddress } from "./services.ts";

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A line of the service's log, parsed. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The service as a process of its own, as an operator runs it. */
export interface ServiceProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** From the spawn to the first 200 of /health/ready. */
  readonly readyAfterMs: number;
  readonly ended: Promise<Exit>;
  /** All that it has written to both outputs so far. */
  output(): string;
  log(): readonly LogLine[];
  /** SIGTERM, and the end. */
  stop(): Promise<Exit>;
  /** SIGKILL, and the end. */
  kill(): Promise<Exit>;
}

/** Settings of a process; nothing of the tests' own environment reaches it but the PATH. */
export type Environment = Readonly<Record<string, string>>;

export const testSecret = "a-secret-of-the-e2e-tests-with-43-characters";

const readyMaxMs = 60_000;
const endMaxMs = 40_000;
const pollMs = 10;

/** Kills the service when the tests' process is gone, however it went: its standard input ends then. */
const guard = `
cat > /dev/null
if tr '\\0' '\\n' < "/proc/$1/environ" 2> /dev/null | grep -qx "TEST_RUN=$2"; then kill -KILL "$1"; fi
`;

/** Starts the service on a free port and waits until it is ready. It ends with the test at the latest. */
export async function startService(t: Lifetime, environment: Environment): Promise<ServiceProcess> {
  const startedMs = performance.now();
  const child = spawnService(t, environment);
  const { port, readyAfterMs } = await untilReady(child, startedMs);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid,
    readyAfterMs,
    ended: child.ended,
    output: child.output,
    log: () => logOf(child.output()),
    stop: () => child.end("SIGTERM"),
    kill: () => child.end("SIGKILL"),
  };
}

/** Runs the service where it is expected to stop by itself. @returns its end and what it wrote */
export async function runService(
  t: Lifetime,
  environment: Environment,
): Promise<Exit & { readonly output: string }> {
  const child = spawnService(t, environment);
  const exit = await inTime(child.ended, "the service did not stop by itself", child.output);
  return { ...exit, output: child.output() };
}

/** An embedded store's folder of its own; removed with the test. */
export function dataFolder(t: Lifetime): string {
  const folder = mkdtempSync(join(tmpdir(), "quota-e2e-"));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** The settings that lead to a Postgres. */
export function postgresEnvironment(address: PostgresAddress): Environment {
  return {
    DB_HOST: address.host,
    DB_PORT: String(address.port),
    DB_USER: address.user,
    DB_PASSWORD: address.password,
    DB_NAME: address.database,
    DB_SSL: String(address.ssl),
  };
}

/** A token of the platform for the services started here; by default of a calling service. */
export function tokenOf(claims: Partial<Claims> = {}, ttlSeconds = 3_600): string {
  const whole: Claims = {
    user_id: "e2e",
    tenant_id: "",
    username: "e2e",
    user_type: "service",
    roles: [],
    permissions: [],
    ...claims,
  };
  return signToken(testSecret, whole, ttlSeconds);
}

/** A zone in which it was about noon when these tests began, so that no period ends while they run. */
export const zoneAtNoon = zoneWhereNoonIs(new Date());

function zoneWhereNoonIs(now: Date): string {
  const hoursBehind = now.getUTCHours() - 12;
  if (hoursBehind === 0) return "UTC";
  // The sign of these names is that of POSIX: Etc/GMT+5 is five hours behind UTC.
  return `Etc/GMT${hoursBehind > 0 ? "+" : ""}${hoursBehind}`;
}

/** A restart's time: the promise is 3 s on an idle machine; a busy one has as much more as it is busier than it can be. */
export function restartTime({ readyAfterMs }: ServiceProcess): {
  readonly isInTime: boolean;
  readonly note: string;
} {
  const [load = 0] = loadavg();
  const busy = Math.max(1, load / cpus().length);
  const boundMs = 10_000 * busy;
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
  return {
    isInTime: readyAfterMs < boundMs,
    note: `served ${seconds(readyAfterMs)} after the spawn (promised: 3 s on an idle machine; asserted at load ${load.toFixed(1)}: ${seconds(boundMs)})`,
  };
}

interface Child {
  readonly pid: number;
  readonly ended: Promise<Exit>;
  readonly output: () => string;
  readonly end: (signal: NodeJS.Signals) => Promise<Exit>;
}

function spawnService(t: Lifetime, environment: Environment): Child {
  const run = randomUUID();
  const folder = mkdtempSync(join(tmpdir(), "quota-e2e-cwd-"));
  const child = spawn(process.execPath, ["--enable-source-maps", mainFile()], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      PORT: "0",
      JWT_SECRET: testSecret,
      QUOTA_TIMEZONE: zoneAtNoon,
      NODE_NAME: "e2e",
      ...environment,
      TEST_RUN: run,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("the service could not be spawned");
  const watcher = spawn("sh", ["-c", guard, "guard", String(pid), run], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watcher.unref();
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => written.push(text));
  }
  const ended = endOf(child).finally(() => {
    watcher.stdin.end();
    rmSync(folder, { recursive: true, force: true });
  });
  const output = (): string => written.join("");
  const end = (signal: NodeJS.Signals): Promise<Exit> => {
    child.kill(signal);
    return inTime(ended, `the service did not end after ${signal}`, output);
  };
  t.teardown(async () => {
    if (!t.passed) process.stderr.write(`--- service of "${t.title}" ---\n${tail(output())}\n`);
    await end("SIGKILL");
  });
  return { pid, ended, output, end };
}

function endOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      resolve({ code, signal });
    });
  });
}

async function untilReady(
  child: Child,
  startedMs: number,
): Promise<{ readonly port: number; readonly readyAfterMs: number }> {
  let exit: Exit | undefined;
  void child.ended.then((it) => {
    exit = it;
  });
  for (;;) {
    const port = /listening at http:\/\/[^"]*?:(\d+)"/.exec(child.output())?.[1];
    if (port !== undefined && (await isReady(Number(port)))) {
      return { port: Number(port), readyAfterMs: performance.now() - startedMs };
    }
    if (exit) throw new Error(`the service ended before it was ready:\n${child.output()}`);
    if (performance.now() - startedMs > readyMaxMs) {
      throw new Error(`the service was not ready in time:\n${tail(child.output())}`);
    }
    await wait(pollMs);
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    const { status } = await fetch(`http://127.0.0.1:${port}/health/ready`, {
      headers: { connection: "close" },
    });
    return status === 200;
  } catch {
    return false;
  }
}

async function inTime(
  ended: Promise<Exit>,
  complaint: string,
  output: () => string,
): Promise<Exit> {
  const done = new AbortController();
  const late = wait(endMaxMs, null, { signal: done.signal }).catch(() => null);
  const exit = await Promise.race([ended, late]);
  done.abort();
  if (exit === null) throw new Error(`${complaint}:\n${tail(output())}`);
  return exit;
}

function logOf(output: string): readonly LogLine[] {
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as LogLine);
}

function tail(text: string): string {
  return text.slice(-6_000);
}

function mainFile(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "src", "main.js"))) folder = dirname(folder);
  return join(folder, "src", "main.js");
}
