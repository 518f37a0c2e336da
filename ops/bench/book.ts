import type { PostgresAddress } from "../../test/support/services-address.ts";
import { sql } from "./ground.ts";
import type { Place } from "./program.ts";

/** What the tables say is counted, journal's tail included. Each order of the bench is of amount 1. */
export interface Book {
  /** Orders that were taken, given back or not. */
  readonly orders: number;
  /** Taken and not given back. */
  readonly used: number;
}

/** Sums of the year, which a midnight does not take away. */
const sums = `
select coalesce(sum(transactions_year), 0) || ' ' || coalesce(sum(yearly_used), 0)
from merchant_quotas_live`;

export async function bookOf(place: Place, database: PostgresAddress): Promise<Book> {
  const [line = ""] = await sql(place, database, sums);
  const [orders = Number.NaN, used = Number.NaN] = line.split(" ").map(Number);
  return { orders, used };
}
