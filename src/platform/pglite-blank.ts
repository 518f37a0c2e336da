import { existsSync, mkdirSync, openAsBlob, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { PGlite } from "@electric-sql/pglite";

import { packageFolder, packageVersion } from "./package.ts";

/**
 * The files of a new cluster, as the build packed them: unpacking takes a fraction of a second, making them anew several.
 *
 * @returns undefined where nothing was built: the cluster is made anew
 */
export async function blankCluster(): Promise<Blob | undefined> {
  const path = blankPath();
  return existsSync(path) ? openAsBlob(path) : undefined;
}

/** Makes a new cluster and packs its files, once for each version of PGlite. */
export async function packBlankCluster(): Promise<void> {
  const path = blankPath();
  if (existsSync(path)) return;
  const pglite = await PGlite.create();
  const packed = await pglite.dumpDataDir("gzip");
  await pglite.close();
  mkdirSync(dirname(path), { recursive: true });
  // Whoever starts meanwhile, or builds too, finds the whole file or none.
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, await packed.bytes());
  renameSync(unfinished, path);
}

function blankPath(): string {
  const library = dirname(fileURLToPath(import.meta.resolve("@electric-sql/pglite")));
  const version = packageVersion(dirname(library));
  return join(packageFolder(), "dist", `blank-cluster-${version}.tar.gz`);
}
