import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import test from "ava";

import { tidyRules } from "../support/tidy-rules.ts";
import { readSources, sourceOf } from "../support/tidy-source.ts";

const sources = readSources(projectFolder(), ["src", "shards", "ops", "test"]);

for (const [name, rule] of Object.entries(tidyRules)) {
  test(`the project: ${name}`, (t) => {
    const findings = rule(sources).map(({ path, line, text }) => `${path}:${line} ${text}`);

    t.deepEqual(findings, []);
  });
}

test("the rules have the project before them", (t) => {
  t.true(sources.some(({ path }) => path === "src/config.ts"));
  t.true(sources.some(({ path }) => path === "test/unit/tidy.test.ts"));
});

/** Small made-up projects, by rule: what breaks it, as file:line, and what looks alike and does not. */
const examples: Readonly<Record<string, readonly Example[]>> = {
  "imports point to a lower floor": [
    bad("src/wire/a.ts", `import { b } from "../platform/b.ts";`),
    bad("src/edge/a.ts", `import type { B } from "../../shards/b.ts";`),
    bad("shards/a.ts", `import { b } from "../src/edge/b.ts";`),
    bad("src/clients/a.ts", `export { b } from "../platform/b.ts";`),
    bad("src/platform/a.ts", `const b = await import("../../test/b.ts");`),
    bad("src/config.ts", `import { b } from "./wire/b.ts";`),
    good("src/main.ts", `import "./edge/a.ts";\nimport "../shards/a.ts";`),
    good("shards/store/a.ts", `import { b } from "../b.ts";`),
    good("src/edge/a.ts", `import { b } from "../wire/b.ts";\nimport pino from "pino";`),
    good("ops/a.ts", `import "../test/support/b.ts";`),
  ],
  "no file imports itself, however far around": [
    bad("src/wire/a.ts", `import { b } from "./b.ts";`, {
      "src/wire/c.ts": `import type { A } from "./a.ts";`,
      "src/wire/b.ts": `import "./c.ts";`,
    }),
    good("src/wire/a.ts", `import "./b.ts";\nimport "./c.ts";`, {
      "src/wire/b.ts": `import "./c.ts";`,
      "src/wire/c.ts": "",
    }),
  ],
  "every file is part of the program": [
    bad("src/wire/a.ts", `export const a = 1;`),
    bad("src/wire/a.ts", `export const a = 1;`, { "test/a.ts": `import "../src/wire/a.ts";` }),
    good("src/main.ts", ""),
    good("src/wire/a.ts", "", { "ops/a.ts": `import type { A } from "../src/wire/a.ts";` }),
  ],
  "a unit test has the name and folder of what it tests": [
    bad("test/unit/quota.test.ts", "", { "src/domain/quota.ts": "" }),
    good("test/unit/domain/quota.test.ts", "", { "src/domain/quota.ts": "" }),
    good("test/unit/shards/actor.test.ts", "", { "shards/actor.ts": "" }),
    good("test/e2e/refund.test.ts", ""),
  ],
  "the domain knows nothing but itself": [
    bad("src/domain/a.ts", `import { join } from "node:path";`),
    bad("src/domain/a.ts", `import { b } from "../wire/b.ts";`),
    good("src/domain/a.ts", `import { b } from "./b.ts";\nimport "temporal-polyfill";`),
    good("src/wire/a.ts", `import { join } from "node:path";`),
  ],
  "time comes from the Clock": [
    bad("shards/a.ts", `const now = Date.now();`),
    bad("shards/a.ts", `const now = new Date();`),
    bad("src/edge/a.ts", `setTimeout(run, 5);`),
    bad("src/edge/a.ts", `globalThis.setInterval(run, 5);`),
    bad("src/edge/a.ts", `const start = performance.now();`),
    bad("src/domain/a.ts", `const now = Temporal.Now.instant();`),
    good("src/platform/clock.ts", `setTimeout(run, Date.now());`),
    good(
      "src/edge/a.ts",
      `// Date.now() is not used\nconst at = new Date(5);\nsocket.setTimeout(5);`,
    ),
    good("test/a.ts", `setTimeout(run, 5);`),
  ],
  "only config.ts reads the environment": [
    bad("src/main.ts", `const port = process.env.PORT;`),
    bad("ops/a.ts", `const { env } = { env: process.env };`),
    good("src/config.ts", `const port = process.env.PORT;`),
    good("src/main.ts", `const text = "process.env";`),
  ],
  "nobody writes to the console": [
    bad("ops/a.ts", `console.log("done");`),
    good("ops/a.ts", `process.stdout.write("the console. ");`),
  ],
  "subjects are spelt in wire/subject.ts": [
    bad("shards/a.ts", `const subject = "quota.shard.7";`),
    bad("src/edge/a.ts", "const subject = `quota.ask.${op}`;"),
    good("src/wire/subject.ts", "const subject = `quota.shard.${shard}`;"),
    good("shards/a.ts", `// quota.shard.7\nconst event = "quota.events.alert";`),
  ],
  "prom-client is known to metrics.ts alone": [
    bad("src/edge/a.ts", `import { Counter } from "prom-client";`),
    good("src/platform/metrics.ts", `import { Counter } from "prom-client";`),
  ],
  "database drivers are known to their adapters alone": [
    bad("shards/a.ts", `import pg from "pg";`),
    bad("ops/a.ts", `import { PGlite } from "@electric-sql/pglite";`),
    good("src/platform/postgres.ts", `import pg from "pg";`),
    good("shards/a.ts", `import "pgpass";`),
  ],
  "no test is skipped": [
    bad("test/unit/a.test.ts", `test.skip("a", run);`),
    bad("test/unit/a.test.ts", `test.serial.only("a", run);`),
    good("test/unit/a.test.ts", `test.serial("test.skip", run);`),
  ],
  "exports have names": [
    bad("src/a.ts", `export default 5;`),
    bad("src/a.ts", `export default function a() {}`),
    good("src/a.ts", `export const a = 1;\nswitch (a) { default: }`),
  ],
  "no barrels": [
    bad("src/wire/a.ts", `export { b } from "./b.ts";\nexport * from "./c.ts";`),
    good("src/wire/a.ts", `export type { B } from "./b.ts";\nexport const a = 1;`),
  ],
  "no any, no !, no silenced linter": [
    bad("src/a.ts", `const a: any = 1;`),
    bad("src/a.ts", `const a = b!;`),
    bad("src/a.ts", `let a!: number;`),
    bad("src/a.ts", ["/* eslint", "disable */"].join("-")),
    good("src/a.ts", `// any! \nconst a = !b || b !== c;`),
  ],
  "no file is longer than 260 lines": [
    { ...bad("src/a.ts", "a;\n".repeat(261)), line: 261 },
    good("src/a.ts", "a;\n".repeat(260)),
  ],
};

for (const [name, rule] of Object.entries(tidyRules)) {
  test(`the rule itself: ${name}`, (t) => {
    const cases = examples[name] ?? [];
    t.true(
      cases.some(({ line }) => line !== null),
      "no example breaks it",
    );
    t.true(
      cases.some(({ line }) => line === null),
      "no example keeps it",
    );
    for (const { path, text, line, beside } of cases) {
      const made = Object.entries({ [path]: text, ...beside }).map(([at, its]) =>
        sourceOf(at, its),
      );
      const found = rule(made).map((finding) => finding.line);

      t.deepEqual(found, line === null ? [] : [line], `${path}: ${text}`);
    }
  });
}

interface Example {
  readonly path: string;
  readonly text: string;
  /** Of the finding; null if there is to be none. */
  readonly line: number | null;
  readonly beside: Readonly<Record<string, string>>;
}

function bad(path: string, text: string, beside: Example["beside"] = {}): Example {
  return { path, text, line: 1, beside };
}

function good(path: string, text: string, beside: Example["beside"] = {}): Example {
  return { path, text, line: null, beside };
}

function projectFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
