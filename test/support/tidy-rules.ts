import ts from "typescript";

import { cycleFindings, floorFindings, orphanFindings, testNameFindings } from "./tidy-graph.ts";
import { type Finding, type Source, findingsIn } from "./tidy-source.ts";

/** Reads sources and tells what breaks one rule of the house. */
export type Rule = (sources: readonly Source[]) => readonly Finding[];

const fileLinesMax = 260;

const production = ["src/", "shards/"];
const programs = [...production, "ops/"];
const everything = [...programs, "test/"];

/** Every rule by what it keeps. */
export const tidyRules: Readonly<Record<string, Rule>> = {
  "imports point to a lower floor": floorFindings,
  "no file imports itself, however far around": cycleFindings,
  "every file is part of the program": orphanFindings,
  "a unit test has the name and folder of what it tests": testNameFindings,
  "the domain knows nothing but itself": inFiles(["src/domain/"], [], outsideDomain),
  "time comes from the Clock": inFiles(
    production,
    ["src/platform/clock.ts", "src/client/timer.ts"],
    readsTime,
  ),
  "only config.ts reads the environment": inFiles(programs, ["src/config.ts"], readsEnvironment),
  "nobody writes to the console": inFiles(programs, [], writesConsole),
  "subjects are spelt in wire/subject.ts": inFiles(
    programs,
    ["src/wire/subject.ts"],
    spellsSubject,
  ),
  "prom-client is known to metrics.ts alone": inFiles(
    everything,
    ["src/platform/metrics.ts"],
    (node) =>
      importsOf(node, /^prom-client$/)
        ? "prom-client is known to src/platform/metrics.ts alone: add a function there"
        : undefined,
  ),
  "database drivers are known to their adapters alone": inFiles(
    programs,
    ["src/platform/postgres", "src/platform/pglite", "src/platform/sql-"],
    (node) =>
      importsOf(node, /^(pg|@electric-sql\/pglite)(\/|$)/)
        ? "a database driver is known to its files in src/platform alone: use the Database port"
        : undefined,
  ),
  "no test is skipped": inFiles(["test/"], [], skipsTest),
  "exports have names": inFiles(everything, [], exportsDefault),
  "no barrels": barrelFindings,
  "no any, no !, no silenced linter": (sources) => [
    ...inFiles(everything, [], avoidsTypes)(sources),
    ...silencerFindings(sources),
  ],
  [`no file is longer than ${fileLinesMax} lines`]: lengthFindings,
};

/** The rule for one node at a time, in the files below some paths except those that begin with others. */
function inFiles(
  below: readonly string[],
  except: readonly string[],
  judge: (node: ts.Node) => string | undefined,
): Rule {
  return (sources) =>
    sources
      .filter(({ path }) => below.some((start) => path.startsWith(start)))
      .filter(({ path }) => !except.some((start) => path.startsWith(start)))
      .flatMap((source) => findingsIn(source, judge));
}

function outsideDomain(node: ts.Node): string | undefined {
  return importsOf(node, /^(?!\.\/|temporal-polyfill$)/)
    ? "the domain imports only itself and temporal-polyfill: pass what it needs as an argument"
    : undefined;
}

function readsTime(node: ts.Node): string | undefined {
  const cure = "take a Clock (src/platform/clock.ts) or an Instant as an argument";
  if (isMember(node, /^(Date\.now|performance\.now|Temporal\.Now|process\.hrtime)$/)) {
    return `${node.getText()} reads the time: ${cure}`;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === "Date" && !node.arguments?.length) {
    return `new Date() reads the time: ${cure}`;
  }
  const free = ts.isIdentifier(node) && !isMemberName(node);
  if (free && /^(setTimeout|setInterval)$/.test(node.text)) {
    return `${node.text} waits: take a Clock and use after()`;
  }
  return undefined;
}

function readsEnvironment(node: ts.Node): string | undefined {
  return isMember(node, /^process\.env$/)
    ? "process.env is read by src/config.ts alone: add a setting to src/settings.ts"
    : undefined;
}

function writesConsole(node: ts.Node): string | undefined {
  return ts.isPropertyAccessExpression(node) && node.expression.getText() === "console"
    ? "console is not a log: take a Logger; a command of ops/ writes to process.stdout"
    : undefined;
}

function spellsSubject(node: ts.Node): string | undefined {
  const text = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) ? node.text : "";
  return /quota\.(shard|ask)\./.test(text)
    ? "a subject is spelt in src/wire/subject.ts alone: import its function"
    : undefined;
}

function skipsTest(node: ts.Node): string | undefined {
  return isMember(node, /^test(\.serial)?\.(skip|only|todo|failing)$/)
    ? "a test that does not run proves nothing: mend it or delete it"
    : undefined;
}

function exportsDefault(node: ts.Node): string | undefined {
  return ts.isExportAssignment(node) || node.kind === ts.SyntaxKind.DefaultKeyword
    ? isDefaultClause(node)
      ? undefined
      : "a default export has no name of its own: export it by name"
    : undefined;
}

function isDefaultClause(node: ts.Node): boolean {
  return node.kind === ts.SyntaxKind.DefaultKeyword && ts.isDefaultClause(node.parent);
}

function avoidsTypes(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AnyKeyword)
    return "any turns the compiler off: name the type or say unknown";
  const promised =
    ts.isNonNullExpression(node) ||
    ((ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) &&
      node.exclamationToken !== undefined);
  return promised ? "! promises what nobody checks: handle the missing value" : undefined;
}

function barrelFindings(sources: readonly Source[]): readonly Finding[] {
  return sources
    .filter(({ tree }) => tree.statements.length > 0 && tree.statements.every(isReExport))
    .map(({ path }) => ({
      path,
      line: 1,
      text: "a file of re-exports hides who needs what: import from the files themselves",
    }));
}

function isReExport(statement: ts.Statement): boolean {
  return ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined;
}

const silencer = new RegExp(
  ["eslint" + "-disable", "@ts-" + "(ignore|expect-error|nocheck)"].join("|"),
);

function silencerFindings(sources: readonly Source[]): readonly Finding[] {
  const text = "a silenced check checks nothing: mend what it says";
  return sources.flatMap((source) =>
    source.text
      .split("\n")
      .flatMap((line, index) =>
        silencer.test(line) ? [{ path: source.path, line: index + 1, text }] : [],
      ),
  );
}

function lengthFindings(sources: readonly Source[]): readonly Finding[] {
  return sources.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split("\n").length;
    if (lines <= fileLinesMax) return [];
    return [
      {
        path,
        line: lines,
        text: `${lines} lines are more than one idea: split the file at its nouns`,
      },
    ];
  });
}

function importsOf(node: ts.Node, wanted: RegExp): boolean {
  const specifier =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
        ? node.arguments[0]
        : undefined;
  return specifier !== undefined && ts.isStringLiteral(specifier) && wanted.test(specifier.text);
}

function isMember(node: ts.Node, wanted: RegExp): boolean {
  return ts.isPropertyAccessExpression(node) && wanted.test(node.getText());
}

/** `socket.setTimeout` and `{ setTimeout: 1 }` are other things than the global of that name. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAccessExpression(parent) &&
      parent.name === node &&
      parent.expression.getText() !== "globalThis") ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    (ts.isMethodDeclaration(parent) && parent.name === node) ||
    (ts.isMethodSignature(parent) && parent.name === node)
  );
}
