import { instant, type Instant } from "../../src/domain/instant.ts";
import type { Database, Row } from "../../src/platform/database.ts";
import { readMark, startMark, tablesThere } from "./target-sql.ts";

/** What stays the same through one migration, however often it is interrupted. */
export interface Course {
  /** The old database's name. */
  readonly source: string;
  readonly currency: string;
  readonly timezone: string;
  /** The moment whose periods are running. */
  readonly asOf: Instant;
}

/** How far a migration is. */
export interface Mark extends Course {
  /** The last merchant that is in the tables, with all that belongs to it; null = none is. */
  readonly lastMerchantId: string | null;
  readonly isFinished: boolean;
}

/** @returns null where none was begun; also where the schema is not there yet */
export async function findMark(target: Database): Promise<Mark | null> {
  const [tables] = await target.reads.run(tablesThere);
  if (tables?.["mark"] !== true) return null;
  const [row] = await target.reads.run(readMark);
  return row === undefined ? null : markFrom(row);
}

/** Whether the database has this service's tables. */
export async function hasTables(target: Database): Promise<boolean> {
  const [tables] = await target.reads.run(tablesThere);
  return tables?.["writers"] === true;
}

/** The mark of this course, begun now if it was not. @throws Error when another one was begun */
export async function beginMark(target: Database, course: Course): Promise<Mark> {
  const { source, currency, timezone, asOf } = course;
  await target.transaction((session) =>
    session.run(startMark, [source, currency, timezone, new Date(asOf)]),
  );
  const mark = await findMark(target);
  if (mark === null) throw new Error("the migration's mark was not written");
  assertSameCourse(mark, course);
  return mark;
}

/** @throws Error naming what differs: two halves of different courses would not fit together */
export function assertSameCourse(mark: Mark, course: Course): void {
  for (const name of ["source", "currency", "timezone", "asOf"] as const) {
    if (mark[name] === course[name]) continue;
    const [begun, now] = [mark, course].map((it) =>
      name === "asOf" ? new Date(it.asOf).toISOString() : it[name],
    );
    throw new Error(
      `the migration of this database was begun with ${wordOf[name]} ${begun}, not ${now}: go on with the former`,
    );
  }
}

const wordOf = {
  source: "the database",
  currency: "--currency",
  timezone: "QUOTA_TIMEZONE",
  asOf: "--as-of",
} as const;

function markFrom(row: Row): Mark {
  const asOf = row["as_of"];
  const last = row["last_merchant_id"];
  if (!(asOf instanceof Date)) throw new Error("legacy_migration.as_of is no time");
  return {
    source: String(row["source"]),
    currency: String(row["currency"]),
    timezone: String(row["timezone"]),
    asOf: instant(asOf.getTime()),
    lastMerchantId: typeof last === "string" ? last : null,
    isFinished: row["finished_at"] !== null,
  };
}
