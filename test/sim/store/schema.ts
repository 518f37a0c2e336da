import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A column's name and its type, as a migration spells it. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

/** A table's columns in their order, by its name. */
export type Schema = ReadonlyMap<string, readonly Column[]>;

const types = "bigint|integer|smallint|boolean|text\\[\\]|text|timestamptz|json|uuid|numeric|bytea";
const columnForm = new RegExp(`^\\s+(\\w+) (${types})[ ,(\\n]`);
const addedForm = new RegExp(`alter table (\\w+) add column (\\w+) (${types})[ ;]`, "g");
const tableForm = /create table (\w+) \(\n(.*?)\n\)/gs;

/** The tables as the migrations make them: a column that is added there is known to the model. */
export function readSchema(migrationsFolder: string): Schema {
  const schema = new Map<string, Column[]>();
  for (const file of readdirSync(migrationsFolder).sort()) {
    if (!file.endsWith(".sql")) continue;
    const script = readFileSync(join(migrationsFolder, file), "utf8");
    for (const [, table = "", body = ""] of script.matchAll(tableForm)) {
      schema.set(
        table,
        body.split("\n").flatMap((line) => {
          const [, name, type] = columnForm.exec(`${line}\n`) ?? [];
          return name !== undefined && type !== undefined ? [{ name, type }] : [];
        }),
      );
    }
    for (const [, table = "", name = "", type = ""] of script.matchAll(addedForm)) {
      schema.get(table)?.push({ name, type });
    }
  }
  return schema;
}
