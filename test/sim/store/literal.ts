import type { Row } from "../../../src/platform/database.ts";
import type { Column } from "./schema.ts";

/** Splits the text form of an array or a composite; null = an element without a value. */
function split(literal: string, isNull: (bare: string) => boolean): (string | null)[] {
  const elements: (string | null)[] = [];
  if (literal.length === 2) return elements;
  let text = "";
  let wasQuoted = false;
  let quoted = false;
  for (let at = 1; at < literal.length; at += 1) {
    const mark = literal.charAt(at);
    if (mark === "\\") {
      at += 1;
      text += literal.charAt(at);
    } else if (mark === '"') {
      // Inside quotes a doubled one is one.
      if (quoted && literal.charAt(at + 1) === '"') {
        at += 1;
        text += '"';
      } else {
        quoted = !quoted;
        wasQuoted = true;
      }
    } else if (!quoted && (mark === "," || at === literal.length - 1)) {
      elements.push(!wasQuoted && isNull(text) ? null : text);
      text = "";
      wasQuoted = false;
    } else {
      text += mark;
    }
  }
  return elements;
}

/** An array's elements: `{a,"b c",NULL}`. */
export function elementsOf(literal: string): readonly (string | null)[] {
  return split(literal, (bare) => bare === "NULL");
}

/** The rows of an array of composites, as `encode` of the store writes it. */
export function rowsFrom(literal: string, columns: readonly Column[]): readonly Row[] {
  return elementsOf(literal).map((composite) => {
    const fields = split(composite ?? "()", (bare) => bare === "");
    if (fields.length !== columns.length) {
      throw new Error(`a row of ${fields.length} fields for ${columns.length} columns`);
    }
    return Object.fromEntries(
      columns.map(({ name, type }, n) => {
        const field = fields[n] ?? null;
        return [name, field === null ? null : valueOf(field, type)];
      }),
    );
  });
}

/** A value as the driver gives it to the program. */
function valueOf(text: string, type: string): unknown {
  switch (type) {
    case "bigint":
      return BigInt(text);
    case "integer":
    case "smallint":
      return Number(text);
    case "boolean":
      return text === "t";
    case "text[]":
      return elementsOf(text);
    case "timestamptz":
      return new Date(text);
    case "json":
      return JSON.parse(text);
    default:
      return text;
  }
}
