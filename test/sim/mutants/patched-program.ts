import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import type { simulate } from "../simulation.ts";
import type { Edit } from "./patches.ts";

const parts = ["src", "shards", "ops/legacy", "test/support", "test/sim"];

/** A copy of the built program with a bug in it, in a folder of its own. */
export interface PatchedProgram {
  readonly simulate: typeof simulate;
  readonly remove: () => void;
}

/** @throws when an edit does not find its place, exactly once: the program has changed, and the patch must */
export async function patchedProgram(edits: readonly Edit[]): Promise<PatchedProgram> {
  const project = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "quota-mutant-"));
  const remove = (): void => {
    rmSync(folder, { recursive: true });
  };
  try {
    symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
    cpSync(join(project, "package.json"), join(folder, "package.json"));
    for (const part of parts) {
      cpSync(join(project, "dist", part), join(folder, part), {
        recursive: true,
        filter: (path) => !/\.(d\.ts|map)$|\.test\.js$/.test(path),
      });
    }
    for (const edit of edits) apply(folder, edit);
    const url = pathToFileURL(join(folder, "test/sim/simulation.js")).href;
    const loaded = (await import(url)) as Pick<PatchedProgram, "simulate">;
    return { simulate: loaded.simulate, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function apply(folder: string, { file, from, to }: Edit): void {
  const path = join(folder, file);
  const pieces = readFileSync(path, "utf8").split(from);
  if (pieces.length !== 2) {
    throw new Error(`${file} has ${pieces.length - 1} places for the patch of ${from}`);
  }
  writeFileSync(path, pieces.join(to));
}
