import fc from "fast-check";

import type { Schema } from "./openapi-document.ts";

/** A value that the document allows. */
export function valueOf(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(valueOf));
  if (schema.type === "boolean") return fc.boolean();
  if (schema.type === "string") return textOf(schema);
  if (schema.type === "integer") {
    return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 1_000 });
  }
  throw new Error(`no values are known of ${JSON.stringify(schema)}`);
}

function textOf({ pattern, format }: Schema): fc.Arbitrary<string> {
  if (format === "uuid") return fc.uuid();
  if (format === "date-time") {
    return fc
      .date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString());
  }
  if (pattern === undefined) return fc.string();
  const long = /\{(\d),(\d{3})\}\$$/.exec(pattern);
  if (!long) return fc.stringMatching(new RegExp(pattern, "u"));
  const [, min, max] = long.map(Number);
  return fc
    .oneof(
      fc.string({ unit: "grapheme", minLength: min ?? 0, maxLength: 40 }),
      fc.constant("x".repeat(max ?? 0)),
    )
    .filter((text) => new RegExp(pattern, "u").test(text));
}

const otherTypes = [null, true, 7.5, "", [], {}, [[]], "\u0000", "9".repeat(400)];

/** A value that breaks the field's rule. */
export function wrongValueOf(schema: Schema): fc.Arbitrary<unknown> {
  const { minimum = 0, maximum = 0 } = schema;
  const numbers = [minimum - 1, maximum + 1, 1.5, -1e300, 1e21];
  return fc.constantFrom(...otherTypes, ...numbers).filter((value) => !fits(schema, value));
}

/** Text that breaks the rule of a field in a path or a query. */
export function wrongTextOf(schema: Schema): fc.Arbitrary<string> {
  return fc.constantFrom(...texts).filter((text) => !fits(schema, text));
}

const texts = [
  "'",
  '"',
  "%00",
  "\u0000",
  "a b\r\nx: y",
  "<script>",
  "-1",
  "1e9999",
  "🦊".repeat(30),
];

function fits(schema: Schema, value: unknown): boolean {
  if (schema.anyOf) return schema.anyOf.some((each) => fits(each, value));
  if (schema.enum) return schema.enum.includes(value);
  if (schema.type === "boolean") return typeof value === "boolean" || value === "true";
  if (schema.type === "object") {
    return typeof value === "object" && value !== null && !Array.isArray(value);
  }
  if (schema.type === "array") return false;
  if (schema.type === "string") {
    const pattern = schema.format === undefined ? (schema.pattern ?? "") : "^never$";
    return typeof value === "string" && new RegExp(pattern, "u").test(value);
  }
  const { minimum = -Infinity, maximum = Infinity } = schema;
  return Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
}
