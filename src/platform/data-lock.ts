import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server, Socket } from "node:net";
import { join } from "node:path";

/*
 * Who holds a data folder, so that no second process opens the same cluster.
 *
 * Node has no flock. A listening unix socket is the lock, because the kernel takes it back when the holder dies,
 * however it dies, and a reused pid cannot hold it:
 *
 *   1. on Linux, an abstract socket named after the folder's device and inode: taking it is atomic, so of two that
 *      start together one wins
 *   2. `quota.socket` in the folder: seen by containers which share the volume and not the network namespace;
 *      one that nobody answers is left over from a killed process and is replaced
 *
 * `quota.lock` says in words who it is; nobody decides by it.
 */

/** Longest path of a unix socket on every system, its end mark included (sun_path is 104 bytes on macOS). */
const socketPathMaxBytes = 103;

export interface DataLock {
  release(): void;
}

/**
 * Takes the folder for this process, until it is released or the process ends.
 *
 * @param folder exists
 * @throws Error naming the folder and the holder's pid when another process, or this one, holds it
 */
export async function lockData(folder: string): Promise<DataLock> {
  const { dev, ino } = statSync(folder);
  const held: Server[] = [];
  const release = (): void => {
    for (const server of held.splice(0)) server.close();
  };
  if (process.platform === "linux") {
    const server = await listen(`\0merchant-quota-${dev}-${ino}`);
    if (server === undefined) throw heldBy(folder);
    held.push(server);
  }
  const path = join(folder, "quota.socket");
  if (Buffer.byteLength(path) > socketPathMaxBytes) {
    if (held.length > 0) return announce(folder, release);
    throw new Error(`the path of the data folder ${folder} is too long to be locked`);
  }
  if (await answers(path)) {
    release();
    throw heldBy(folder);
  }
  rmSync(path, { force: true });
  const server = await listen(path);
  if (server === undefined) {
    release();
    throw heldBy(folder);
  }
  held.push(server);
  chmodSync(path, 0o600);
  return announce(folder, release);
}

function announce(folder: string, release: () => void): DataLock {
  const path = join(folder, "quota.lock");
  writeFileSync(path, `${process.pid}\n`, { mode: 0o600 });
  return {
    release: () => {
      rmSync(path, { force: true });
      release();
    },
  };
}

function heldBy(folder: string): Error {
  return new Error(
    `the data folder ${folder} is in use by process ${holderOf(folder)}: stop that process, or give this one another folder`,
  );
}

function holderOf(folder: string): string {
  try {
    return readFileSync(join(folder, "quota.lock"), "utf8").trim();
  } catch {
    return "(pid unknown: it is starting)";
  }
}

/** @returns undefined when somebody listens there */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else
        reject(new Error(`the data folder cannot be locked: ${error.message}`, { cause: error }));
    });
    server.listen({ path, exclusive: true }, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** The kernel says so at once: it accepts a connection for whoever listens, however busy. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new Socket();
    const done = (held: boolean): void => {
      socket.destroy();
      resolve(held);
    };
    socket.once("connect", () => {
      done(true);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      done(error.code !== "ECONNREFUSED" && error.code !== "ENOENT");
    });
    socket.connect({ path });
  });
}
