import type { Row } from "../../platform/database.ts";
import type { FieldError } from "../../wire/http-check.ts";
import { pageItemsDefault } from "../../wire/http-list.ts";

/** The last time that a list can be asked for; the first is the epoch. */
const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59);

/** Where a page goes on: behind this entry. */
export interface Position {
  readonly createdAt: Date;
  readonly id: string;
}

/** Which part of a list is asked for; null = from the beginning, without end. */
export interface PageRequest {
  readonly kind: "page";
  readonly from: Date | null;
  readonly to: Date | null;
  readonly behind: Position | null;
  readonly items: number;
}

export interface Page {
  readonly items: readonly Row[];
  readonly next_cursor: string | null;
}

/** Reads the times and the cursor of a query, which its schema cannot read to the end. */
export function pageRequestOf(query: {
  readonly from?: string;
  readonly to?: string;
  readonly cursor?: string;
  readonly limit?: number;
}): PageRequest | { readonly kind: "invalid"; readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = [];
  const time = (field: "from" | "to"): Date | null => {
    const text = query[field];
    if (text === undefined) return null;
    const at = new Date(text);
    if (!isListed(at.getTime())) {
      errors.push({ field, message: "must be an RFC 3339 time from 1970 to 9999, in UTC" });
    }
    return at;
  };
  const from = time("from");
  const to = time("to");
  const behind = query.cursor === undefined ? null : positionOf(query.cursor);
  if (behind === undefined) errors.push({ field: "cursor", message: "must be a next_cursor" });
  if (errors.length > 0 || behind === undefined) return { kind: "invalid", errors };
  return { kind: "page", from, to, behind, items: query.limit ?? pageItemsDefault };
}

/** Cuts one row more than was asked into a page and the way to the next. */
export function pageOf(rows: readonly Row[], items: number): Page {
  const last = rows.length > items ? rows[items - 1] : undefined;
  return { items: rows.slice(0, items), next_cursor: last ? cursorOf(last) : null };
}

function cursorOf({ created_at: createdAt, id }: Row): string {
  if (!(createdAt instanceof Date)) throw new Error("a listed row has no created_at");
  return Buffer.from(`${createdAt.getTime()} ${String(id)}`).toString("base64url");
}

function positionOf(cursor: string): Position | undefined {
  const text = Buffer.from(cursor, "base64url").toString("latin1");
  const [, ms, id] =
    /^(-?[0-9]{1,14}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(text) ?? [];
  if (ms === undefined || id === undefined || !isListed(Number(ms))) return undefined;
  return { createdAt: new Date(Number(ms)), id };
}

/** Whether it is a time, and one that the store writes and reads with a year of four digits. */
function isListed(ms: number): boolean {
  return ms >= 0 && ms <= lastMs;
}
