import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import type { PostgresAddress } from "./services.ts";
import { type Environment, type Exit, postgresEnvironment } from "./service-process.ts";

/** quotactl as an operator runs it. */
export interface Quotactl extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** One that is under way. */
export interface RunningQuotactl {
  readonly ended: Promise<Quotactl>;
  /** SIGKILL. */
  kill(): void;
}

/** Shards of the databases that tests migrate to: as many as the nodes of the tests divide them into. */
const settings: Environment = { SHARD_COUNT: "8", QUOTA_TIMEZONE: "UTC" };

/** Starts `quotactl` on a Postgres, or on the embedded one of a folder. */
export function startQuotactl(
  target: PostgresAddress | string,
  args: readonly string[],
): RunningQuotactl {
  const store = typeof target === "string" ? { DATA_DIR: target } : postgresEnvironment(target);
  const child = spawn(process.execPath, ["--enable-source-maps", program(), ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env["PATH"], ...settings, ...store },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return {
    ended: endOf(child),
    kill: () => {
      child.kill("SIGKILL");
    },
  };
}

/** Runs `quotactl` to its end. */
export function quotactl(
  target: PostgresAddress | string,
  args: readonly string[],
): Promise<Quotactl> {
  return startQuotactl(target, args).ended;
}

function endOf(child: ChildProcess): Promise<Quotactl> {
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
    });
  }
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      resolve({ code, signal, ...written });
    });
  });
}

function program(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "ops", "quotactl.js"))) folder = dirname(folder);
  return join(folder, "ops", "quotactl.js");
}
