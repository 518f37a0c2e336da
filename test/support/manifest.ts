import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { parse } from "yaml";

import { packageFolder } from "../../src/platform/package.ts";

/** A file of the project. */
export function textOf(path: string): string {
  return readFileSync(join(packageFolder(), path), "utf8");
}

/** @throws when it is no YAML, or not of this shape */
export function manifest<Schema extends TSchema>(path: string, schema: Schema): Static<Schema> {
  return Value.Parse(schema, parse(textOf(path), { merge: true }));
}
