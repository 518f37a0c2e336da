import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { build } from "vite";

import { packageFolder, packageVersion } from "../src/platform/package.ts";

/*
 * Run by `npm run build`. TypeBox is 683 files, which is more than all else that a start of the service or of quotactl
 * loads. This makes a few of them and puts them where Node looks first for what is in `dist`; where they are not, the
 * library itself is found, and a start takes a third of a second of CPU more.
 */
const library = "typebox";
/** As they are imported: the library's own name, and what of it is asked for behind that. */
const parts = { index: library, compile: `${library}/compile`, value: `${library}/value` };

const find = createRequire(join(packageFolder(), "package.json")).resolve;
// From `build/index.mjs` of the package.
const version = packageVersion(dirname(dirname(find(library))));
const folder = join(packageFolder(), "dist", "node_modules", library);

if (!existsSync(folder) || packageVersion(folder) !== version) await makeFew();

async function makeFew(): Promise<void> {
  // Whoever starts meanwhile finds all of them or none.
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const entry = Object.fromEntries(
    Object.entries(parts).map(([name, imported]) => [name, find(imported)]),
  );
  await build({
    root: packageFolder(),
    configFile: false,
    publicDir: false,
    logLevel: "warn",
    build: {
      outDir: unfinished,
      emptyOutDir: true,
      minify: false,
      target: "node20",
      lib: { entry, formats: ["es"] },
    },
  });
  const exports = Object.fromEntries(
    Object.keys(parts).map((name) => [name === "index" ? "." : `./${name}`, `./${name}.js`]),
  );
  const manifest = { name: library, version, type: "module", exports };
  writeFileSync(join(unfinished, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}
