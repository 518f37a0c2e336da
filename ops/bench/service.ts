import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { signToken } from "../../src/platform/token.ts";
import type { PostgresAddress } from "../../test/support/services-address.ts";
import { freePort } from "../../test/support/services-server.ts";
import type { Scratch } from "./scratch.ts";

/** The service under measure, a process of its own. */
export interface Service {
  readonly url: string;
  readonly pid: number;
  /** From the spawn to the first 200 of /health/ready. */
  readonly readyAfterMs: number;
  /** SIGKILL, and the end. */
  kill(): Promise<void>;
}

const secret = "a-secret-of-the-bench-with-over-32-characters";
const readyMaxMs = 30_000;
const answerMaxMs = 10_000;
const settledMaxMs = 15_000;
const pollMs = 5;

/** For `Authorization`, for an hour. */
export const token = signToken(
  secret,
  {
    user_id: "bench",
    tenant_id: "",
    username: "bench",
    user_type: "service",
    roles: [],
    permissions: [],
  },
  3_600,
);

/** As an operator runs it, but without limits in the way: every setting that is not named here has its default. */
const settings = {
  JWT_SECRET: secret,
  NODE_NAME: "bench",
  LOG_LEVEL: "warn",
  DEFAULT_SINGLE_MAX: "",
  DEFAULT_DAILY_LIMIT: "",
  DEFAULT_MONTHLY_LIMIT: "",
  DEFAULT_YEARLY_LIMIT: "",
};

/** Starts the service on a free port and waits until it is ready. It ends when the signal is aborted. */
export async function startService(
  scratch: Scratch,
  address: PostgresAddress,
  signal: AbortSignal,
): Promise<Service> {
  signal.throwIfAborted();
  const port = await freePort();
  const logPath = join(scratch.folder, "service.log");
  const log = openSync(logPath, "a");
  const startedMs = performance.now();
  const child = spawn(process.execPath, ["--enable-source-maps", mainFile()], {
    cwd: scratch.folder,
    env: {
      ...settings,
      PORT: String(port),
      DB_HOST: address.host,
      DB_PORT: String(address.port),
      DB_USER: address.user,
      DB_PASSWORD: address.password,
      DB_NAME: address.database,
    },
    stdio: ["ignore", log, log],
    // A group of its own: a Ctrl-C of the terminal reaches this process alone, which then ends the others.
    detached: true,
    signal,
    killSignal: "SIGKILL",
  });
  closeSync(log);
  const ended = endOf(child);
  const { pid } = child;
  if (pid === undefined) throw new Error("the service could not be spawned");
  scratch.watch(pid);
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
    scratch.watch(null);
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    while (!(await isReady(url))) {
      signal.throwIfAborted();
      const isGone = child.exitCode !== null || child.signalCode !== null;
      if (isGone || performance.now() - startedMs > readyMaxMs) {
        throw new Error(
          `the service is not ready:\n${readFileSync(logPath, "utf8").slice(-4_000)}`,
        );
      }
      await wait(pollMs);
    }
  } catch (error) {
    await kill();
    throw error;
  }
  return { url, pid, readyAfterMs: performance.now() - startedMs, kill };
}

/** Counters and gauges without labels that /metrics shows, by name. */
export async function metricsOf(service: Service): Promise<(name: string) => number> {
  const response = await fetch(`${service.url}/metrics`, {
    signal: AbortSignal.timeout(answerMaxMs),
  });
  const text = await response.text();
  return (name) => {
    const value = new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1];
    if (value === undefined) throw new Error(`/metrics does not show ${name}`);
    return Number(value);
  };
}

/** Waits until the tables have all that was answered, so that one measure does not pay for the one before. */
export async function settled(service: Service, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + settledMaxMs;
  while ((await metricsOf(service))("quota_checkpoint_lag_facts") > 0) {
    if (performance.now() > deadlineMs) throw new Error("the tables do not catch up");
    await wait(50, undefined, { signal });
  }
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("close", () => {
      resolve();
    });
    // An abort is told here; the end of the process itself follows.
    child.on("error", () => {
      if (child.pid === undefined) resolve();
    });
  });
}

async function isReady(url: string): Promise<boolean> {
  try {
    const { status } = await fetch(`${url}/health/ready`, {
      headers: { connection: "close" },
      signal: AbortSignal.timeout(answerMaxMs),
    });
    return status === 200;
  } catch {
    return false;
  }
}

function mainFile(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "src", "main.js"))) folder = dirname(folder);
  return join(folder, "src", "main.js");
}
