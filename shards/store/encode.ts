import type { Image } from "./image.ts";

/** What needs no quotes inside a composite value; a space there is part of it. */
const plain = /^[\w.:+/|% -]+$/;

/**
 * Rows as one Postgres array of a table's row type, in its text form: `{"(a,1,\"b c\")","(d,2,)"}`. It is read once,
 * when it is committed; the checkpoint then copies rows as they are.
 * @param images with their columns in the order of the table; a test holds them to the catalogue
 */
export function encode(images: readonly Image[]): string {
  let rows = "{";
  let rowMark = '"(';
  for (const image of images) {
    rows += rowMark;
    rowMark = ',"(';
    let fieldMark = "";
    for (const column in image) {
      rows += fieldMark + fieldText(image[column] ?? null);
      fieldMark = ",";
    }
    rows += ')"';
  }
  return `${rows}}`;
}

/** A field inside a composite inside an array: each adds a round of quotes. */
function fieldText(value: Image[string]): string {
  if (value === null) return "";
  if (typeof value === "string") return plain.test(value) ? value : quoted(value);
  if (typeof value === "boolean") return value ? "t" : "f";
  if (typeof value === "object") return `\\"{${value.join(",")}}\\"`;
  return String(value);
}

function quoted(text: string): string {
  const inner = text.replace(/["\\]/g, (mark) => (mark === '"' ? '\\"\\"' : "\\\\\\\\"));
  return `\\"${inner}\\"`;
}
