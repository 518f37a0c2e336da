import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { setFlagsFromString } from "node:v8";

/*
 * How the tests are run. Before its first test a file costs half a second of CPU, and one with the stores of
 * `storeContract` two more. So files that cannot disturb each other are run as one, a suite, which is made here:
 * a folder of unit tests, the console's tests, and some of the files that share the stores, or whose services have
 * databases of their own. A file that is asked for by name runs alone.
 */
const folder = join(import.meta.dirname, "dist", "test");

// Each file has an embedded Postgres of its own for some seconds: to optimise its code costs more than that brings.
setFlagsFromString("--liftoff-only");

const storeSuites = 4;
const serviceSuites = 3;

/** What runs longest begins first, so that nothing runs alone at the end. */
const longest = [
  "sim/mutants.test.js",
  "sim/cluster.test.js",
  "integration/migrate-legacy.test.js",
  "sim/year.test.js",
  "e2e/console.suite.js",
  "e2e/services-1.suite.js",
  "e2e/bad-input.test.js",
  "e2e/services-3.suite.js",
  "integration/stores-1.suite.js",
  "integration/stores-2.suite.js",
  "integration/stores-3.suite.js",
  "integration/stores-4.suite.js",
  "integration/verify-command.test.js",
  "sim/store-model.test.js",
  "integration/migrate-legacy-row.test.js",
  "e2e/demo.test.js",
  "e2e/limit.test.js",
  "integration/database-pglite.test.js",
  "e2e/services-2.suite.js",
  "e2e/shutdown.test.js",
  "unit/decide.suite.js",
  "unit/edge.suite.js",
];

/** The built test files, by their names in the folder; not what is left there of a source that is gone. */
function testFiles() {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.js") && !name.startsWith("faults"))
    .filter((name) => existsSync(join(import.meta.dirname, "test", name.replace(/js$/, "ts"))))
    .sort();
}

/** The names of the suites with the files of each. */
function suitesOf(names) {
  const suites = new Map();
  const put = (suite, name) => suites.set(suite, [...(suites.get(suite) ?? []), name]);
  let [stores, services] = [0, 0];
  for (const name of names) {
    const [kind, ...rest] = name.split("/");
    const tested = rest.length > 1 ? rest[0] : "settings";
    // Stories by the thousand hold up whatever waits for a timer or a socket beside them.
    if (name === "unit/domain/decide.test.js") put("unit/decide.suite.js", name);
    else if (kind === "unit") put(`unit/${tested}.suite.js`, name);
    // One browser and one service are enough for them.
    else if (name.startsWith("e2e/console")) put("e2e/console.suite.js", name);
    else if (kind === "e2e" && hasOwnStores(name)) {
      services += 1;
      put(`e2e/services-${1 + (services % serviceSuites)}.suite.js`, name);
    } else if (kind === "integration" && sharesStores(name)) {
      stores += 1;
      put(`integration/stores-${1 + (stores % storeSuites)}.suite.js`, name);
    }
  }
  return suites;
}

function sharesStores(name) {
  return / = storeContract\(\);/.test(readFileSync(join(folder, name), "utf8"));
}

/** Whether each of its services has a database of its own; what waits for long must not hold up the others. */
function hasOwnStores(name) {
  return /ownStore\(/.test(readFileSync(join(folder, name), "utf8")) && !/bad-input/.test(name);
}

/** Writes a suite where it is not there already: another run may be reading it. */
function write(suite, names) {
  const path = join(folder, suite);
  const from = dirname(suite);
  const text = names.map((name) => `import "./${relative(from, name)}";\n`).join("");
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function filesOfRun() {
  if (process.argv.some((word) => /^[^*]+\.test\.js$/.test(word))) return testFiles();
  const names = testFiles();
  const suites = suitesOf(names);
  for (const [suite, its] of suites) write(suite, its);
  const inSuites = new Set([...suites.values()].flat());
  return [...suites.keys(), ...names.filter((name) => !inSuites.has(name))];
}

function rank(path) {
  const at = longest.indexOf(relative(folder, path));
  return at < 0 ? longest.length : at;
}

export default {
  files: filesOfRun().map((name) => `dist/test/${name}`),
  sortTestFiles: (a, b) => rank(a) - rank(b) || a.localeCompare(b),
  timeout: "4m",
  // More than there are processors: some files mostly wait, for leases and for processes that start.
  concurrency: 4,
};
