import { readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";

import ts from "typescript";

/** A TypeScript file of the project, read but not compiled. */
export interface Source {
  /** From the project's folder, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

export interface Import {
  readonly line: number;
  /** The file's path for a relative import, else the package or Node module. */
  readonly target: string;
  readonly relative: boolean;
}

/** What is wrong where, and its cure. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

export function sourceOf(path: string, text: string): Source {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, text, tree, imports: importsOf(path, tree) };
}

/** Every TypeScript file of the folders. */
export function readSources(root: string, folders: readonly string[]): readonly Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .filter((entry) => !entry.parentPath.includes("node_modules"))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) =>
        sourceOf(file.slice(root.length + 1).replaceAll("\\", "/"), readFileSync(file, "utf8")),
      ),
  );
}

/** Every node of a file that a rule asks for, each with what to say about it. */
export function findingsIn(
  source: Source,
  judge: (node: ts.Node) => string | undefined,
): readonly Finding[] {
  const findings: Finding[] = [];
  const visit = (node: ts.Node): void => {
    const text = judge(node);
    if (text !== undefined)
      findings.push({ path: source.path, line: lineOf(source.tree, node), text });
    ts.forEachChild(node, visit);
  };
  visit(source.tree);
  return findings;
}

function importsOf(path: string, tree: ts.SourceFile): readonly Import[] {
  const imports: Import[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) {
      const relative = specifier.text.startsWith(".");
      const target = relative ? posix.join(posix.dirname(path), specifier.text) : specifier.text;
      imports.push({ line: lineOf(tree, node), target, relative });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return imports;
}

function specifierOf(node: ts.Node): ts.StringLiteral | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const { moduleSpecifier } = node;
    return moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    return argument && ts.isStringLiteral(argument) ? argument : undefined;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    const { literal } = node.argument;
    return ts.isStringLiteral(literal) ? literal : undefined;
  }
  return undefined;
}

function lineOf(tree: ts.SourceFile, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}
