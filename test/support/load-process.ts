import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { ExecutionContext } from "ava";

/** How a load ended, and what it wrote. */
export interface Loaded {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The load as a process of its own, as a person runs it. It ends with the test at the latest. */
export function runLoadProcess(
  t: ExecutionContext,
  parameters: readonly string[],
): Promise<Loaded> {
  const program = fileURLToPath(new URL("../../ops/load/load.js", import.meta.url));
  const child = spawn(process.execPath, [program, ...parameters], {
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.teardown(() => {
    child.kill("SIGKILL");
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

/** A folder that goes with the test. */
export function reportFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), "quota-load-"));
  t.teardown(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
