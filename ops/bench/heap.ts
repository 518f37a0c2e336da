import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Type } from "typebox";
import { Value } from "typebox/value";
import { WebSocket } from "undici";

import type { Place } from "./program.ts";

/** Options of Node under which a process can be asked for its heap: on loopback, on a port of its own choice. */
export const heapOptions = ["--inspect=127.0.0.1:0"] as const;

const answerMaxMs = 60_000;
const usageSchema = Type.Object({
  id: Type.Literal(2),
  result: Type.Object({
    usedSize: Type.Number(),
    backingStorageSize: Type.Optional(Type.Number()),
  }),
});

/**
 * What a process keeps on V8's heap, garbage collected first; buffers of arrays included where V8 tells them.
 * @param logName of the process, started with `heapOptions`
 */
export async function heapBytesOf({ folder }: Place, logName: string): Promise<number> {
  const log = readFileSync(join(folder, `${logName}.log`), "utf8");
  const address = /Debugger listening on (ws:\S+)/.exec(log)?.[1];
  if (address === undefined) throw new Error(`${logName} cannot be asked for its heap`);
  const socket = new WebSocket(address);
  try {
    return await new Promise((resolve, reject) => {
      const overdue = setTimeout(() => {
        reject(new Error(`${logName} did not say how large its heap is`));
      }, answerMaxMs);
      const ask = (id: number, method: string): void => {
        socket.send(JSON.stringify({ id, method }));
      };
      socket.addEventListener("error", () => {
        reject(new Error(`${logName} cannot be reached at ${address}`));
      });
      socket.addEventListener("open", () => {
        ask(1, "HeapProfiler.collectGarbage");
      });
      socket.addEventListener("message", ({ data }) => {
        const answer: unknown = JSON.parse(String(data));
        if (Value.Check(Type.Object({ id: Type.Literal(1) }), answer))
          ask(2, "Runtime.getHeapUsage");
        if (!Value.Check(usageSchema, answer)) return;
        clearTimeout(overdue);
        resolve(answer.result.usedSize + (answer.result.backingStorageSize ?? 0));
      });
    });
  } finally {
    socket.close();
  }
}
