import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import test, { type ExecutionContext } from "ava";

import { csvLines, fieldsOf } from "../../../../ops/verify/csv-file.ts";

const columns = ["order_id", "amount"];

async function read(t: ExecutionContext, content: string): Promise<readonly (readonly string[])[]> {
  const folder = mkdtempSync(join(tmpdir(), "quota-csv-"));
  t.teardown(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, "orders.csv");
  writeFileSync(file, content);
  const lines: (readonly string[])[] = [];
  for await (const { no, fields } of csvLines(file, columns)) lines.push([String(no), ...fields]);
  return lines;
}

test("fields may be quoted, and hold commas and quotes then", (t) => {
  t.deepEqual(fieldsOf("a,b"), ["a", "b"]);
  t.deepEqual(fieldsOf('"a,1","say ""hi""",'), ["a,1", 'say "hi"', ""]);
  t.deepEqual(fieldsOf(""), [""]);
  for (const line of ['"a', 'a"b', '"a"b,c']) t.is(fieldsOf(line), null, line);
});

test("a list is read as spreadsheets and programs write it", async (t) => {
  t.deepEqual(await read(t, "order_id,amount\nA-1,5\nA-2,6"), [
    ["2", "A-1", "5"],
    ["3", "A-2", "6"],
  ]);
  t.deepEqual(await read(t, "\uFEFForder_id,amount\r\nA-1,5\r\n\r\n"), [["2", "A-1", "5"]]);
});

test("what is wrong with a list is said with its line", async (t) => {
  for (const [content, message] of [
    ["", "orders.csv is empty: the header has to be order_id,amount"],
    ["amount,order_id\n", "orders.csv, line 1: the header has to be order_id,amount"],
    ["order_id,amount\nA-1\n", "orders.csv, line 2: there are 1 fields in place of 2"],
    [
      'order_id,amount\n"A-1,5\n',
      "orders.csv, line 2: a quote has no end, or stands within a field",
    ],
    [
      `order_id,amount\nA-1,5\n${"9".repeat(200_000)}`,
      "orders.csv, line 3: it is longer than 1024 characters",
    ],
  ] as const) {
    await t.throwsAsync(read(t, content), { message });
  }
});
