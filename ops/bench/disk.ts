import { closeSync, fdatasyncSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** As Postgres writes its log: whole pages of a file that is there already. */
const pageBytes = 8_192;
const pages = 2_048;
const syncsMax = 1_000;

/** Writes a page and syncs it, again and again. @returns milliseconds of each, ascending */
export function syncTimes(folder: string, lastMs: number): readonly number[] {
  const path = join(folder, "synced");
  const page = Buffer.alloc(pageBytes, 7);
  const file = openSync(path, "w");
  try {
    for (let n = 0; n < pages; n += 1) writeSync(file, page);
    fsyncSync(file);
    const times: number[] = [];
    const untilMs = performance.now() + lastMs;
    for (let n = 0; n < syncsMax && performance.now() < untilMs; n += 1) {
      const startedMs = performance.now();
      writeSync(file, page, 0, pageBytes, (n % pages) * pageBytes);
      fdatasyncSync(file);
      times.push(performance.now() - startedMs);
    }
    return times.sort((a, b) => a - b);
  } finally {
    closeSync(file);
    rmSync(path);
  }
}
