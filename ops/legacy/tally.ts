import type { Row } from "../../src/platform/database.ts";
import { type LegacyLog, summand, textOf } from "./row.ts";

/** Rows that cannot be migrated and are named in the report; of the others it tells the number. */
const namedBadRowsMax = 1_000;

/** A row that cannot be migrated, and why. */
export interface BadRow {
  readonly table: "merchant_limits" | "limit_usage_logs";
  /** The merchant of a limits row, the id of a log row. */
  readonly id: string;
  readonly reason: string;
}

/** A number of rows, and what their amounts add up to. */
export interface Sum {
  readonly rows: bigint;
  readonly amount: bigint;
}

/** The amounts of merchant_limits that are held to the result. */
export const limitColumns = [
  "daily_used",
  "monthly_used",
  "pending_amount",
  "refunded_today",
] as const;
export type LimitColumn = (typeof limitColumns)[number];

/** What was seen of the old service on one way through it. */
export class Tally {
  badRows = 0;
  readonly named: BadRow[] = [];
  /** Left out, by action. */
  readonly badLogs = new Map<string, Sum>();
  /** Log rows that can be migrated, by action. */
  readonly logs = new Map<string, Sum>();
  /** Of these, the ones of other currencies. */
  readonly otherCurrencies = new Map<string, Sum>();
  readonly oddities = new Map<string, number>();
  /** The months of UTC that have log rows, as `2026-11`. */
  readonly months = new Set<string>();
  orders = 0;

  bad(row: BadRow): void {
    this.badRows += 1;
    if (this.named.length < namedBadRowsMax) this.named.push(row);
  }

  badLog(row: Row, reason: string): void {
    this.bad({ table: "limit_usage_logs", id: textOf(row, "id") ?? "", reason });
    add(this.badLogs, (textOf(row, "action_type") ?? "").toLowerCase(), summand(row, "amount"));
  }

  log(log: LegacyLog, currency: string): void {
    add(this.logs, log.action, log.amount);
    this.months.add(log.atText.slice(0, 7));
    if (log.currency !== null && log.currency !== currency) {
      add(this.otherCurrencies, log.currency, log.amount);
    }
  }

  odd(oddity: string): void {
    this.oddities.set(oddity, (this.oddities.get(oddity) ?? 0) + 1);
  }
}

function add(sums: Map<string, Sum>, name: string, amount: bigint): void {
  const sum = sums.get(name) ?? { rows: 0n, amount: 0n };
  sums.set(name, { rows: sum.rows + 1n, amount: sum.amount + amount });
}
