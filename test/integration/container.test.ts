import { existsSync } from "node:fs";
import { join } from "node:path";

import test from "ava";

import { packageFolder } from "../../src/platform/package.ts";
import { textOf } from "../support/manifest.ts";
import { testApp } from "../support/edge-app.ts";
import { readSources } from "../support/tidy-source.ts";

const dockerfile = textOf("Dockerfile");
/** The last stage: what is shipped. */
const shipped = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));

test("the image runs as a user by number, and Node hears its signals", (t) => {
  t.regex(shipped, /^USER [1-9][0-9]+:[1-9][0-9]+$/m);
  t.true(shipped.includes(`CMD ["node", "--max-semi-space-size=32", "dist/src/main.js"]\n`));
  t.regex(shipped, /ENV NODE_ENV=production/);
  t.notRegex(shipped, /^(RUN|CMD|HEALTHCHECK).*(npm|curl|apt-get)/m);
});

test("the image's health check asks what the service answers", async (t) => {
  const [, path = ""] = /'GET (\/health[a-z/]*) HTTP/.exec(shipped) ?? [];
  const { app } = testApp();

  const reply = await app.inject({ url: path });

  t.is(path, "/health/ready");
  t.is(reply.statusCode, 200);
  await app.close();
});

test("what is copied into the image is there and is not kept outside of it", (t) => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(
    ([, sources = ""]) => sources.split(" "),
  );
  const lines = textOf(".dockerignore").split("\n");
  const letIn = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));

  t.true(copied.includes("migrations"));
  t.true(
    dockerfile.indexOf("COPY migrations") < dockerfile.indexOf("npm run build"),
    "it packs them",
  );
  for (const source of copied) {
    t.true(existsSync(join(packageFolder(), source)), source);
    t.true(
      letIn.some((pattern) => pattern === source || pattern.startsWith(`${source}/`)),
      source,
    );
  }
  t.true(lines.includes("*"));
});

test("what is kept outside of the image is imported by nothing in it", (t) => {
  const keptOut = textOf(".dockerignore")
    .split("\n")
    .filter((line) => line.startsWith("ops/"))
    .map((folder) => `${folder}/`);
  const isOutside = (path: string): boolean =>
    path.startsWith("test/") || keptOut.some((folder) => path.startsWith(folder));

  const wanted = readSources(packageFolder(), ["src", "shards", "ops"])
    .filter(({ path }) => !isOutside(path))
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ relative, target }) => relative && isOutside(target))
        .map(({ target }) => `${path} imports ${target}`),
    );

  t.true(keptOut.includes("ops/bench/"));
  t.deepEqual(wanted, []);
});
