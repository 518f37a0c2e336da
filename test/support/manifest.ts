import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { parse, parseAllDocuments } from "yaml";

import { packageFolder } from "../../src/platform/package.ts";
import { notesOf, settingGroups } from "../../src/settings.ts";

/** Environment names that are Node's own and no settings of the service. */
const ofNode = new Set(["NODE_OPTIONS", "NODE_EXTRA_CA_CERTS"]);

const settings = new Map(
  Object.values(settingGroups)
    .flatMap((group) => Object.entries(group))
    .map(([name, schema]) => [name, notesOf(schema)]),
);

/** A file of the project. */
export function textOf(path: string): string {
  return readFileSync(join(packageFolder(), path), "utf8");
}

/** @throws when it is no YAML, or not of this shape */
export function manifest<Schema extends TSchema>(path: string, schema: Schema): Static<Schema> {
  return Value.Parse(schema, parse(textOf(path), { merge: true }));
}

/** The documents of a file, one after another. */
export function manifests(path: string): readonly unknown[] {
  return parseAllDocuments(textOf(path)).map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    const plain: unknown = document.toJS();
    return plain;
  });
}

/** Those of the names that the service does not know. */
export function unknownSettings(names: readonly string[]): readonly string[] {
  return names.filter((name) => !settings.has(name) && !ofNode.has(name));
}

/** Those of the names whose values are never shown. */
export function secretSettings(names: readonly string[]): readonly string[] {
  return names.filter((name) => settings.get(name)?.secret === true);
}
