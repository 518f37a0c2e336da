import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for what a run writes. */
export interface Scratch {
  readonly folder: string;
  /** Names the process that must not outlive this one; null if there is none any more. */
  watch(pid: number | null): void;
  remove(): void;
}

/** Ends the service and removes the folder when this process is gone, however it went: its standard input ends then. */
const guard = `
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$1" ]; then kill -KILL "$pid"; fi
rm -rf "$1"
`;

export function makeScratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), "quota-bench-"));
  const watcher = spawn("sh", ["-c", guard, "guard", folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watcher.unref();
  return {
    folder,
    watch: (pid) => {
      watcher.stdin.write(`${pid ?? ""}\n`);
    },
    remove: () => {
      watcher.stdin.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
