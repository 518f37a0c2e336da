import { instant, type Instant } from "../../src/domain/instant.ts";
import { minor, type Minor } from "../../src/domain/money.ts";

/** Reads columns of a stored row; a column of another type than the schema says is a bug and throws. */
export interface Stored {
  readonly [column: string]: unknown;
}

export function text(row: Stored, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw wrong(column, value);
  return value;
}

export function textOrNull(row: Stored, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function amount(row: Stored, column: string): Minor {
  const value = row[column];
  if (typeof value !== "bigint" || value < 0n) throw wrong(column, value);
  return minor(value);
}

export function whole(row: Stored, column: string): number {
  const value = row[column];
  const count = typeof value === "bigint" ? Number(value) : value;
  if (typeof count !== "number" || !Number.isSafeInteger(count)) throw wrong(column, value);
  return count;
}

export function moment(row: Stored, column: string): Instant {
  const value = row[column];
  if (!(value instanceof Date)) throw wrong(column, value);
  return instant(value.getTime());
}

export function momentOrNull(row: Stored, column: string): Instant | null {
  return row[column] === null ? null : moment(row, column);
}

export function flag(row: Stored, column: string): boolean {
  const value = row[column];
  if (typeof value !== "boolean") throw wrong(column, value);
  return value;
}

export function list(row: Stored, column: string): readonly unknown[] {
  const value = row[column];
  if (!Array.isArray(value)) throw wrong(column, value);
  return value;
}

function wrong(column: string, value: unknown): Error {
  return new Error(`column ${column} holds a ${typeof value} that cannot be right`);
}
