import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setFlagsFromString } from "node:v8";

import { PGlite } from "@electric-sql/pglite";

import type { Statement } from "./database.ts";
import { blankCluster, unpackBlankCluster } from "./pglite-blank.ts";
import {
  DurableDisk,
  durableStartParams,
  type SyncFile,
  syncPath,
  syncTree,
} from "./pglite-disk.ts";
import { PgliteLine } from "./pglite-line.ts";

/** Folder name that means: no disk, for tests. */
export const inMemory = "memory:";

/** Where the cluster is, and who is told what. */
export interface ClusterOptions {
  /** Made if it is not there; holds the cluster and the lock. Or `inMemory`. */
  readonly folder: string;
  /** Told what takes long: the first start makes a cluster, some seconds where the build packed none. */
  readonly onProgress?: (text: string) => void;
  /** For tests of a failing disk. */
  readonly syncFile?: SyncFile;
}

/** An engine on its files, and what is kept through what, in words. */
export interface OpenCluster {
  readonly line: PgliteLine;
  readonly durability: string;
}

/**
 * How much of a WASM function is run before V8 optimizes it, which is what a start costs most. This is what later
 * versions of V8 have by themselves; that of Node 20 optimizes after a seventh of it.
 */
const optimizedAfter = "--wasm-tiering-budget=13000000";

/** Of a cluster without a disk, whose files are in memory already. */
const sharedBuffers = "16MB";

const selfTest: Statement = {
  name: "self_test",
  text: "select pg_logical_emit_message(true, 'quota', 'is a commit synced?')",
};

/**
 * Starts Postgres on the folder's files, which it makes or recovers first.
 *
 * @throws Error when a commit on disk makes no sync: then nothing may be promised
 */
export async function openCluster(options: ClusterOptions): Promise<OpenCluster> {
  setFlagsFromString(optimizedAfter);
  if (options.folder !== inMemory) return openOnDisk(options);
  const loadDataDir = await blankCluster();
  const pglite = await PGlite.create({
    startParams: [...PGlite.defaultStartParams, "-c", `shared_buffers=${sharedBuffers}`],
    ...(loadDataDir && { loadDataDir }),
  });
  return {
    line: new PgliteLine(pglite),
    durability: "in memory: everything is lost when this process ends",
  };
}

async function openOnDisk(options: ClusterOptions): Promise<OpenCluster> {
  const folder = resolve(options.folder);
  const cluster = join(folder, "cluster");
  // Invariant: while the mark is there no commit was ever answered, so that what a kill left half made may go.
  const mark = join(folder, "cluster.unfinished");
  if (existsSync(mark)) rmSync(cluster, { recursive: true, force: true });
  const isNew = !existsSync(cluster);
  if (isNew) {
    options.onProgress?.(`making a new database in ${folder}: this takes a moment, once`);
    writeFileSync(mark, "");
  }
  mkdirSync(cluster, { recursive: true, mode: 0o700 });
  if (isNew) await unpackBlankCluster(cluster);
  const disk = new DurableDisk(cluster, options.syncFile);
  const pglite = await PGlite.create({
    fs: disk,
    startParams: durableStartParams(PGlite.defaultStartParams),
  });
  if (isNew) {
    await syncTree(cluster);
    rmSync(mark);
    await syncPath(folder);
  }
  const line = new PgliteLine(pglite);
  const syncs = await syncsOfOneCommit(line, disk);
  if (syncs === 0) {
    await line.close();
    throw new Error(
      `a commit in ${folder} made no sync to the disk: the database is not durable and is not opened`,
    );
  }
  return {
    line,
    durability:
      `survives the kill of this process: ${syncs} fdatasync at a commit, counted at the start; ` +
      "not certified for power loss",
  };
}

async function syncsOfOneCommit(line: PgliteLine, disk: DurableDisk): Promise<number> {
  const before = disk.syncs;
  await line.run(selfTest);
  return disk.syncs - before;
}
