import { setTimeout as wait } from "node:timers/promises";

import { signToken } from "../../src/platform/token.ts";
import type { PostgresAddress } from "../../test/support/services-address.ts";
import { freePort } from "../../test/support/services-server.ts";
import { compiled, type Place, serve } from "./program.ts";
import { valueIn } from "./stages.ts";

/** The service under measure, a process of its own. */
export interface Service {
  readonly url: string;
  readonly pid: number;
  readonly database: PostgresAddress;
  /** From the spawn to the first 200 of /health/ready. */
  readonly readyAfterMs: number;
  /** SIGKILL, and the end. */
  kill(): Promise<void>;
  /** An orderly end, as an operator's. */
  stop(): Promise<void>;
}

/** Settings beside those that every service under measure has. */
export interface ServiceOptions {
  readonly name: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
}

const secret = "a-secret-of-the-bench-with-over-32-characters";
const readyMaxMs = 60_000;
const answerMaxMs = 10_000;
const settledMaxMs = 120_000;
const pollMs = 5;

/** For `Authorization`, for two hours. */
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
  7_200,
);

/** As an operator runs it, but without limits in the way: every setting that is not named here has its default. */
const settings = {
  JWT_SECRET: secret,
  LOG_LEVEL: "warn",
  DEFAULT_SINGLE_MAX: "",
  DEFAULT_DAILY_LIMIT: "",
  DEFAULT_MONTHLY_LIMIT: "",
  DEFAULT_YEARLY_LIMIT: "",
};

/** Starts the service on a free port and waits until it is ready. It ends when the signal is aborted. */
export async function startService(
  place: Place,
  database: PostgresAddress,
  { name, environment = {}, nodeOptions = [] }: ServiceOptions,
): Promise<Service> {
  const port = await freePort();
  const startedMs = performance.now();
  const served = serve(place, {
    file: compiled("src/main.js"),
    nodeOptions: ["--enable-source-maps", "--max-semi-space-size=32", ...nodeOptions],
    environment: {
      ...settings,
      NODE_NAME: name,
      PORT: String(port),
      DB_HOST: database.host,
      DB_PORT: String(database.port),
      DB_USER: database.user,
      DB_PASSWORD: database.password,
      DB_NAME: database.database,
      ...environment,
    },
    logName: name,
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    while (!(await isReady(url))) {
      place.signal.throwIfAborted();
      if (served.isGone() || performance.now() - startedMs > readyMaxMs) {
        throw new Error(`${name} is not ready:\n${served.log()}`);
      }
      await wait(pollMs);
    }
  } catch (error) {
    await served.end("SIGKILL");
    throw error;
  }
  return {
    url,
    pid: served.pid,
    database,
    readyAfterMs: performance.now() - startedMs,
    kill: () => served.end("SIGKILL"),
    stop: () => served.end("SIGTERM"),
  };
}

/** Reads a counter, gauge or part of a histogram without labels. @throws Error when it is not shown */
export type ReadMetric = (name: string) => number;

export async function metricsOf(service: Pick<Service, "url">): Promise<ReadMetric> {
  const text = await metricsTextOf(service);
  return (name) => valueIn(text, name);
}

/** /metrics as it is; the service keeps its text for a second. */
export async function metricsTextOf({ url }: Pick<Service, "url">): Promise<string> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(answerMaxMs) });
  return response.text();
}

/** Waits until the tables have all that was answered, so that one measure does not pay for the one before. */
export async function settled(service: Pick<Service, "url">, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + settledMaxMs;
  for (;;) {
    const lag = (await metricsOf(service))("quota_checkpoint_lag_facts");
    if (lag === 0) return;
    if (performance.now() > deadlineMs) throw new Error(`the tables do not catch up: ${lag} facts`);
    // The text of /metrics is kept for a second.
    await wait(200, undefined, { signal });
  }
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
