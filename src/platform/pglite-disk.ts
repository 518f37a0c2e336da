import { closeSync, fdatasyncSync, fsync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import type { PGliteOptions } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";

type Init = Parameters<NodeFS["init"]>;
type InitResult = ReturnType<NodeFS["init"]>;

/** The part of emscripten's file system on Node that is changed here (lib/libnodefs.js of emscripten). */
interface EmscriptenDisk {
  readonly FS: {
    readonly ErrnoError: new (errno: number) => Error;
    readonly filesystems: {
      readonly NODEFS: {
        readonly stream_ops: { fsync?: (stream: { readonly nfd?: number }) => number };
        readonly node_ops: {
          mknod: (parent: unknown, name: string, mode: number, device: unknown) => unknown;
          setattr: (node: unknown, attributes: { mode?: number }) => void;
        };
      };
    };
  };
}

/** EIO as emscripten numbers it (WASI); Postgres answers a failed sync with a PANIC, as it must. */
const inputOutputError = 29;

/** Read, write and search for everyone but the owner: taken from every file. */
const othersModeMask = 0o077;

/** As many as Node has threads for; the disk takes them together. */
const syncsAtOnce = 4;
const fsynced = promisify(fsync);

/** Makes a file's bytes durable; a test gives one that fails. */
export type SyncFile = (fileDescriptor: number) => void;

/**
 * PGlite's disk with the sync that it lacks.
 *
 * As shipped PGlite starts with `-F` and its NODEFS has no fsync: a commit is in the page cache only. And its files are
 * readable by all.
 */
export class DurableDisk extends NodeFS {
  readonly #syncFile: SyncFile;
  #syncs = 0;

  constructor(folder: string, syncFile: SyncFile = fdatasyncSync) {
    super(folder);
    this.#syncFile = syncFile;
  }

  /** How many files were synced since the start. */
  get syncs(): number {
    return this.#syncs;
  }

  override async init(pglite: Init[0], options: Init[1]): InitResult {
    const { emscriptenOpts } = await super.init(pglite, options);
    const mend = (module: unknown): void => {
      // The types of the package leave out how emscripten keeps its file systems.
      this.#mend(module as EmscriptenDisk);
    };
    return {
      emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), mend] },
    };
  }

  #mend({ FS }: EmscriptenDisk): void {
    const { stream_ops, node_ops } = FS.filesystems.NODEFS;
    stream_ops.fsync = ({ nfd }) => {
      if (nfd === undefined) return 0;
      try {
        this.#syncFile(nfd);
      } catch {
        throw new FS.ErrnoError(inputOutputError);
      }
      this.#syncs += 1;
      return 0;
    };
    const { mknod, setattr } = node_ops;
    node_ops.mknod = (parent, name, mode, device) =>
      mknod(parent, name, mode & ~othersModeMask, device);
    node_ops.setattr = (node, attributes) => {
      if (attributes.mode !== undefined) attributes.mode &= ~othersModeMask;
      setattr(node, attributes);
    };
  }
}

/**
 * Start parameters with syncs: without `-F`, and by fsync, because emscripten's fdatasync does nothing. Look-ups go by
 * index always: a plan that was made while a table was small is kept when it has grown (measured: 200 ms in place of 7
 * for 50 orders among 200,000).
 */
export function durableStartParams(
  standard: readonly string[],
): NonNullable<PGliteOptions["startParams"]> {
  return [
    ...standard.filter((each) => each !== "-F"),
    "-c",
    "wal_sync_method=fsync",
    "-c",
    "enable_seqscan=off",
  ];
}

/** Syncs a folder with every file and folder below, several at a time: a new cluster is written without syncs. */
export async function syncTree(folder: string): Promise<void> {
  const below = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isDirectory() || entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const left = [folder, ...below];
  const syncAll = async (): Promise<void> => {
    for (let path = left.pop(); path !== undefined; path = left.pop()) await syncPath(path);
  };
  await Promise.all(Array.from({ length: syncsAtOnce }, syncAll));
}

/** Syncs one file, or what a folder has in it by name. */
export async function syncPath(path: string): Promise<void> {
  const fileDescriptor = openSync(path, "r");
  try {
    await fsynced(fileDescriptor);
  } finally {
    closeSync(fileDescriptor);
  }
}
