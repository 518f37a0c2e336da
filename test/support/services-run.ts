import { isMainThread } from "node:worker_threads";

import type { Programs } from "./services-programs.ts";
import type { SharedMessage, SharedServer } from "./services-shared.ts";

let asked: Promise<SharedServer> | undefined;

/**
 * The one Postgres of this run of AVA, started by the first file that asks for it; it ends with the run.
 *
 * @returns undefined where test files are processes and share nothing
 */
export function sharedPostgres(programs: Programs): Promise<SharedServer> | undefined {
  if (isMainThread) return undefined;
  asked ??= ask(programs);
  return asked;
}

async function ask(programs: Programs): Promise<SharedServer> {
  // Only in a test file can it be loaded at all.
  const { registerSharedWorker } = await import("ava/plugin");
  const thread = registerSharedWorker<SharedMessage>({
    filename: new URL("services-shared.js", import.meta.url),
    supportedProtocols: ["ava-4"],
  });
  await thread.available;
  for await (const { data } of thread.publish(programs).replies()) {
    if ("failure" in data) throw new Error(data.failure);
    if ("server" in data) return data;
  }
  throw new Error("the thread with the servers is gone");
}
