import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import test from "ava";

import { packageFolder, packageVersion } from "../../../src/platform/package.ts";

const find = createRequire(join(packageFolder(), "package.json")).resolve;

for (const name of ["typebox", "typebox/compile", "typebox/value"]) {
  test(`what is built finds ${name} in few files, and in them all that the library has`, async (t) => {
    const found = fileURLToPath(import.meta.resolve(name));
    const few = (await import(name)) as object;
    const whole = (await import(pathToFileURL(find(name)).href)) as object;

    t.is(dirname(found), join(packageFolder(), "dist", "node_modules", "typebox"));
    t.deepEqual(Object.keys(few).sort(), Object.keys(whole).sort());
  });
}

test("the few files are of the library's version that is installed", (t) => {
  const few = join(packageFolder(), "dist", "node_modules", "typebox");

  t.true(existsSync(few));
  t.is(packageVersion(few), packageVersion(dirname(dirname(find("typebox")))));
});
