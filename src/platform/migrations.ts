import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { Database, Session, Statement } from "./database.ts";
import { packageFolder } from "./package.ts";

/** One file of the folder. */
interface Migration {
  readonly version: number;
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

const fileName = /^([0-9]{4})_[a-z0-9_-]+\.sql$/;

const createTable = `
create table if not exists schema_migrations (
  version int4 primary key,
  name text not null,
  sha256 text not null,
  applied_at timestamptz not null default now()
)`;

const selectApplied: Statement = {
  name: "select_applied_migrations",
  text: "select version, name, sha256 from schema_migrations order by version",
};

/** The folder `migrations` beside package.json. */
export function migrationsFolder(): string {
  return join(packageFolder(), "migrations");
}

/**
 * Brings the schema up to the files `NNNN_name.sql` of a folder, each in one transaction, under the cluster-wide lock.
 *
 * @returns the names of those applied now, in order; none when the schema was already there
 * @throws Error when an applied file was changed or is missing, which is also how a database newer than this
 *   program shows; Fault when the database says no
 */
export async function applyMigrations(
  database: Pick<Database, "migrate">,
  folder: string = migrationsFolder(),
): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  const appliedNow: string[] = [];
  await database.migrate(async (session, script) => {
    await script(createTable);
    const applied = await readApplied(session);
    assertSameHistory(migrations, applied, folder);
    for (const migration of migrations) {
      if (applied.has(migration.version)) continue;
      await script(`${migration.text}\n;\n${recordOf(migration)}`);
      appliedNow.push(migration.name);
    }
  });
  return appliedNow;
}

/** The same for the same files. */
export async function schemaHash(folder: string = migrationsFolder()): Promise<string> {
  const hash = createHash("sha256");
  for (const { name, sha256 } of await readMigrations(folder)) hash.update(`${name} ${sha256}\n`);
  return hash.digest("hex").slice(0, 12);
}

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const migrations: Migration[] = [];
  for (const name of names) {
    const version = Number(fileName.exec(name)?.[1]);
    if (Number.isNaN(version)) throw new Error(`${join(folder, name)} is not named NNNN_name.sql`);
    if (migrations.some((other) => other.version === version)) {
      throw new Error(`two migrations have the number ${version}`);
    }
    const text = await readFile(join(folder, name), "utf8");
    const sha256 = createHash("sha256").update(text).digest("hex");
    migrations.push({ version, name, text, sha256 });
  }
  return migrations;
}

type Applied = ReadonlyMap<number, { readonly name: string; readonly sha256: string }>;

async function readApplied(session: Session): Promise<Applied> {
  const rows = await session.run(selectApplied);
  return new Map(
    rows.map((row) => [
      Number(row["version"]),
      { name: String(row["name"]), sha256: String(row["sha256"]) },
    ]),
  );
}

function assertSameHistory(
  migrations: readonly Migration[],
  applied: Applied,
  folder: string,
): void {
  const newest = Math.max(0, ...migrations.map(({ version }) => version));
  const known = new Map(migrations.map((migration) => [migration.version, migration]));
  for (const [version, { name, sha256 }] of applied) {
    if (version > newest) {
      throw new Error(`the database is newer than this program: it has migration ${name}`);
    }
    const migration = known.get(version);
    if (migration === undefined)
      throw new Error(`migration ${name} was applied and is not in ${folder}`);
    if (migration.sha256 !== sha256) {
      throw new Error(`migration ${name} was changed after it was applied: add a new one instead`);
    }
  }
}

/** Text and not values, because the record goes in one script with its migration. Invariant: all of it is checked above. */
function recordOf({ version, name, sha256 }: Migration): string {
  return `insert into schema_migrations (version, name, sha256) values (${version}, '${name}', '${sha256}')`;
}
