import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ExecutionContext } from "ava";

import type { Skipped } from "./services-skipped.ts";

/** A disk that can be filled. */
export interface SmallDisk {
  readonly folder: string;
  /** Takes all the space that is left. */
  fill(): void;
  /** Gives it back. */
  free(): void;
}

/** A disk of its own in memory, for root on Linux; it goes with the test, after what was begun on it later. */
export function smallDisk(t: ExecutionContext, megabytes: number): SmallDisk | Skipped {
  const folder = mkdtempSync(join(tmpdir(), "quota-disk-"));
  const size = `size=${megabytes}m`;
  const { status, stderr, error } = spawnSync(
    "mount",
    ["-t", "tmpfs", "-o", size, "tmpfs", folder],
    {
      encoding: "utf8",
    },
  );
  if (status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    const skipped = `no small disk can be mounted here: ${error?.message ?? stderr.trim()}`;
    process.stderr.write(`\n### SKIPPED, tests of a full disk: ${skipped} ###\n\n`);
    return { skipped };
  }
  t.teardown(() => {
    spawnSync("umount", ["--lazy", folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  const ballast = join(folder, "ballast");
  return {
    folder,
    fill: () => {
      fillUp(ballast);
    },
    free: () => {
      rmSync(ballast);
    },
  };
}

function fillUp(path: string): void {
  const file = openSync(path, "a");
  try {
    for (const bytes of [1 << 20, 1 << 12]) {
      while (written(file, bytes) > 0);
    }
  } finally {
    closeSync(file);
  }
}

function written(file: number, bytes: number): number {
  try {
    return writeSync(file, Buffer.alloc(bytes));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") return 0;
    throw error;
  }
}
