import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import test from "ava";

import { commandsOf, quotactlProgram } from "../../ops/commands/program.ts";
import { packageFolder } from "../../src/platform/package.ts";
import { fakeOperator } from "../support/fake-operator.ts";

const pages = [
  "README.md",
  "README.zh-CN.md",
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "migrations/README.md",
  ...["calling", "containers", "in-place-of-the-old-service", "nats-and-code", "platform"].map(
    (name) => `ops/docs/${name}.md`,
  ),
  "ops/docs/testing.md",
];
const pictureBytesMax = 150 * 1_024;

function textOf(page: string): string {
  return readFileSync(join(packageFolder(), page), "utf8");
}

function commandsIn(text: string): ReadonlySet<string> {
  const found = text.matchAll(/\b(?:npm (?:run )?|npx quotactl )[a-z:-]+(?: ci\b)?/g);
  return new Set([...found].map(([command]) => command));
}

test("every link of a page leads to something that is there, and to a heading that it has", (t) => {
  for (const page of pages) {
    for (const [, target = ""] of textOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = "", heading] = target.split("#");
      const file = path === "" ? page : join(dirname(page), path);
      t.true(existsSync(join(packageFolder(), file)), `${page}: ${target}`);
      if (heading !== undefined) {
        const headings = [...textOf(file).matchAll(/^#+ (.+)$/gm)].map(([, name = ""]) =>
          name
            .toLowerCase()
            .replaceAll(/[^\p{L}\p{N} -]/gu, "")
            .replaceAll(" ", "-"),
        );
        t.true(headings.includes(heading), `${page}: ${target}`);
      }
    }
  }
});

test("the Chinese page begins with the same commands, and names none that is not there", (t) => {
  const [english, chinese] = [textOf("README.md"), textOf("README.zh-CN.md")];
  const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
  const words = new Set(
    commandsOf(
      quotactlProgram(() => undefined, fakeOperator()),
      "",
    ).map(({ path }) => path),
  );

  const shell = (text: string): readonly string[] =>
    [...text.matchAll(/```sh\n([^`]+)```/g)].map(([, lines = ""]) => lines.trim());
  for (const block of shell(chinese)) {
    for (const line of block.split("\n")) t.true(english.includes(line), line);
  }
  t.deepEqual(shell(chinese).slice(0, 3), shell(english).slice(0, 3));
  for (const page of [english, chinese]) {
    for (const command of commandsIn(page)) {
      const [runner, ...rest] = command.replace(/^npx /, "").split(" ");
      const name = rest.at(-1) ?? "";
      const isKnown =
        runner === "quotactl"
          ? words.has(name)
          : ["ci", "start", "test"].includes(name) || name in scripts;
      t.true(isKnown, command);
    }
  }
  t.true(chinese.includes("README.md#settings"));
  t.true(english.includes("README.zh-CN.md"));
});

test("the Chinese page has no figure that the English one has not", (t) => {
  const english = textOf("README.md");
  const figures = textOf("README.zh-CN.md").matchAll(/(?<![\w./-])\d[\d,.]*\d(?![\w/])/g);

  for (const [figure] of figures) t.true(english.includes(figure), figure);
});

test("the pictures of the README are there, and small", (t) => {
  const pictures = [...textOf("README.md").matchAll(/\((ops\/docs\/pictures\/[^)]+)\)/g)];

  t.true(pictures.length >= 5);
  for (const [, path = ""] of pictures) {
    const { size } = statSync(join(packageFolder(), path));
    t.true(size > 10_000 && size < pictureBytesMax, `${path}: ${String(size)}`);
  }
});
