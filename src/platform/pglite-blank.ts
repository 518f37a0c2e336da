import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openAsBlob,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { PGlite } from "@electric-sql/pglite";
import * as tar from "tar";

import { applyMigrations, schemaHash } from "./migrations.ts";
import { packageFolder, packageVersion } from "./package.ts";
import { DurableDisk } from "./pglite-disk.ts";
import { PgliteLine } from "./pglite-line.ts";

/*
 * The files of a new cluster with the schema in it, as the build packed them: a first start unpacks them in place of
 * some seconds of making them. Where nothing was built, or for another schema, a cluster is made anew.
 */
const prefix = "blank-cluster-";

/** The packed files as PGlite takes them; null = not built. */
export async function blankCluster(): Promise<Blob | null> {
  const path = await blankPath();
  return existsSync(path) ? openAsBlob(path) : null;
}

/**
 * Writes the packed files into a folder, past the file system that PGlite has in WASM, and without syncs.
 *
 * @returns false = not built, and nothing was written
 */
export async function unpackBlankCluster(folder: string): Promise<boolean> {
  const path = await blankPath();
  if (!existsSync(path)) return false;
  tar.extract({ file: path, cwd: folder, sync: true, strict: true, noMtime: true });
  return true;
}

/** Makes a new cluster with the schema and packs its files, once for each version of both. */
export async function packBlankCluster(): Promise<void> {
  const path = await blankPath();
  if (existsSync(path)) return;
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  // Whoever starts meanwhile, or builds too, finds the whole file or none.
  const unfinished = `${path}.${process.pid}`;
  const cluster = mkdtempSync(join(tmpdir(), prefix));
  try {
    const line = new PgliteLine(await PGlite.create({ fs: new DurableDisk(cluster) }));
    await applyMigrations({ migrate: (apply) => apply(line, (text) => line.script(text)) });
    // Shut down in order, so that who starts on these files has nothing to recover and to sync.
    await line.close();
    tar.create(
      { file: unfinished, cwd: cluster, gzip: true, portable: true, sync: true },
      readdirSync(cluster),
    );
  } finally {
    rmSync(cluster, { recursive: true });
  }
  for (const name of readdirSync(folder)) {
    if (name.startsWith(prefix) && name.endsWith(".gz")) rmSync(join(folder, name));
  }
  renameSync(unfinished, path);
}

async function blankPath(): Promise<string> {
  const library = dirname(fileURLToPath(import.meta.resolve("@electric-sql/pglite")));
  const name = `${prefix}${packageVersion(dirname(library))}-${await schemaHash()}.tar.gz`;
  return join(packageFolder(), "dist", name);
}
