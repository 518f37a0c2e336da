import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { processEnvironment } from "../../src/config.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { Ending, refused } from "../commands/ending.ts";
import type { DemoFolder } from "./world.ts";

const readyMaxMs = 60_000;
const lookMs = 100;

/** The service as a process of its own. */
export interface Served {
  readonly url: string;
  /** Resolves when it has ended, by whomever. */
  readonly ended: Promise<void>;
  /** Ends it as a supervisor does, and waits for that. */
  end(): Promise<void>;
}

/**
 * Starts the service and waits until it is ready. Its log goes into the folder.
 * @param settings its whole environment, but for what a program needs anywhere
 * @throws Ending when it does not come up
 */
export async function serve(
  folder: DemoFolder,
  settings: Readonly<Record<string, string>>,
  port: number,
  clock: Clock,
): Promise<Served> {
  const log = openSync(folder.logPath, "a");
  const main = join(import.meta.dirname, "../../src/main.js");
  const { PATH = "", HOME = "", TZ = "" } = processEnvironment();
  const child = spawn(process.execPath, [main], {
    // A `.env` of the working folder is not for it.
    cwd: folder.path,
    env: { PATH, HOME, TZ, ...settings, PORT: String(port) },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      resolve();
    });
    child.once("error", () => {
      resolve();
    });
  });
  const url = `http://127.0.0.1:${port}`;
  const untilMs = clock.elapsedMs() + readyMaxMs;
  while (!(await isReady(url))) {
    const isOver = child.exitCode !== null || clock.elapsedMs() >= untilMs;
    if (isOver) {
      child.kill();
      throw new Ending("failed", `the service does not start: ${folder.logPath} says why`);
    }
    await wait(lookMs);
  }
  return {
    url,
    ended,
    end: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** @throws Ending when somebody listens there already */
export async function checkedFree(port: number): Promise<void> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
  if (!free) throw refused(`port ${port} is taken: name another with --port`);
}
