import { createReadStream } from "node:fs";
import { basename } from "node:path";

/** Characters of one line; no list of ours comes near. */
const lineMax = 1_024;

/** A line of a file by its fields, and a complaint that names it. */
export interface CsvLine {
  /** From 1, the header. */
  readonly no: number;
  readonly fields: readonly string[];
  /** The error to throw when the line is not as it should be. */
  readonly wrong: (reason: string) => Error;
}

/**
 * The lines behind the header of a CSV file (RFC 4180, no line breaks within a field), a bounded piece in memory.
 * @param columns that the header has to name, in this order
 * @throws Error naming the line when the header is another, a line is too long or its quotes or fields are wrong
 */
export async function* csvLines(file: string, columns: readonly string[]): AsyncGenerator<CsvLine> {
  let no = 0;
  for await (const text of linesOf(file)) {
    no += 1;
    const at = no;
    const wrong = (reason: string): Error => new Error(`${basename(file)}, line ${at}: ${reason}`);
    const fields = fieldsOf(text);
    if (no === 1) {
      if (fields?.join() !== columns.join()) throw wrong(`the header has to be ${columns.join()}`);
      continue;
    }
    if (text === "") continue;
    if (fields === null) throw wrong("a quote has no end, or stands within a field");
    if (fields.length !== columns.length) {
      throw wrong(`there are ${fields.length} fields in place of ${columns.length}`);
    }
    yield { no, fields, wrong };
  }
  if (no === 0)
    throw new Error(`${basename(file)} is empty: the header has to be ${columns.join()}`);
}

/** The fields of a line; null = its quotes are wrong. */
export function fieldsOf(line: string): readonly string[] | null {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"(?=,|$)/.exec(line.slice(at));
    const plain = /^[^",]*(?=,|$)/.exec(line.slice(at));
    const found = quoted ?? plain;
    if (found === null) return null;
    fields.push(quoted?.[1]?.replaceAll('""', '"') ?? found[0]);
    at += found[0].length;
    if (at === line.length) return fields;
    at += 1;
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = "";
  let no = 0;
  for await (const piece of createReadStream(file, { encoding: "utf8" })) {
    const lines = (rest + String(piece)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of [...lines, ...(rest.length > lineMax ? [rest] : [])]) {
      no += 1;
      if (line.length > lineMax) {
        throw new Error(`${basename(file)}, line ${no}: it is longer than ${lineMax} characters`);
      }
      yield cleaned(line, no);
    }
  }
  if (rest !== "") yield cleaned(rest, no + 1);
}

/** Without the carriage return of its end; the first also without a byte order mark. */
function cleaned(line: string, no: number): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  return no === 1 && text.startsWith("\uFEFF") ? text.slice(1) : text;
}
