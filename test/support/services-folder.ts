import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A fresh folder of one server, which outlives neither the server nor this process. */
export interface GuardedFolder {
  readonly path: string;
  remove(): void;
}

/** @param end a shell script that ends the server of the folder `$1`, run when this process is gone, however it went */
export function guardedFolder(name: string, end: string): GuardedFolder {
  const path = mkdtempSync(join(tmpdir(), `quota-${name}-`));
  // Its standard input ends with this process.
  const janitor = `cat > /dev/null\n${end}\nrm -rf "$1"`;
  const guard = spawn("sh", ["-c", janitor, "janitor", path], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
      guard.stdin.end();
    },
  };
}
