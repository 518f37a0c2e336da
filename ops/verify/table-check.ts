import type { Row, Session, Statement } from "../../src/platform/database.ts";
import { flag, text, textOrNull } from "../../shards/store/row.ts";
import { alertCounts, alertsUnlikeLog, marksWithoutAlert } from "./alert-sql.ts";
import { type Findings, namedMax } from "./findings.ts";
import type { LogStart } from "./key-replay.ts";
import type { Mismatch } from "./mismatch.ts";
import {
  adjustmentsUnlikeLog,
  orderCounts,
  ordersUnlikeLog,
  quotasUnlikeOrders,
} from "./order-sql.ts";
import type { Slice } from "./slice.ts";

/** What the comparison of a slice's tables works with; all statements of the session see one snapshot. */
export interface TableCheckOptions {
  readonly session: Session;
  readonly slice: Slice;
  readonly start: LogStart;
  readonly findings: Findings;
}

/** Holds orders and alerts of a slice against the log, and quotas against their orders. */
export async function verifyTables(options: TableCheckOptions): Promise<void> {
  const check = new TableCheck(options);
  await check.orders();
  await check.alerts();
}

class TableCheck {
  readonly #options: TableCheckOptions;

  constructor(options: TableCheckOptions) {
    this.#options = options;
  }

  async orders(): Promise<void> {
    const { slice, start, session, findings } = this.#options;
    const { from, to } = slice;
    const droppedDay = start.keptFrom === null ? null : dayOf(start.keptFrom);
    const [counts = {}] = await session.run(orderCounts, [from, to, droppedDay]);
    findings.check("orders", Number(counts["orders"]));
    findings.leftOut("orders_of_older_service", Number(counts["of_older_service"]));
    findings.leftOut("orders_with_dropped_entries", Number(counts["with_dropped_entries"]));
    const values = [from, to, droppedDay, namedMax];
    await this.#find(ordersUnlikeLog, values, "order_differs", orderMismatch);
    await this.#find(adjustmentsUnlikeLog, values, "order_without_entries", (row) => ({
      ...placeOf(row),
      kind: "order_without_entries",
      what: "adjust",
      expected: null,
      found: null,
    }));
    const migratedAt = start.migratedAt === null ? null : new Date(start.migratedAt);
    const sums = [from, to, migratedAt, namedMax];
    await this.#find(quotasUnlikeOrders, sums, "quota_differs", (row) => ({
      ...keyPlaceOf(row),
      kind: "quota_differs",
      what: `${text(row, "column_name")} by orders`,
      expected: text(row, "expected"),
      found: text(row, "found"),
    }));
  }

  async alerts(): Promise<void> {
    const { slice, start, session, findings } = this.#options;
    const { from, to } = slice;
    const keptFrom = start.keptFrom === null ? null : new Date(start.keptFrom);
    const [counts = {}] = await session.run(alertCounts, [from, to, keptFrom]);
    findings.check("alerts", Number(counts["alerts"]));
    findings.leftOut("alerts_of_dropped_entries", Number(counts["of_dropped_entries"]));
    await this.#find(marksWithoutAlert, [from, to, namedMax], "alert_missing", (row) => ({
      ...keyPlaceOf(row),
      kind: "alert_missing",
      what: text(row, "alert_type"),
      expected: `of period ${text(row, "period")}`,
      found: null,
    }));
    const values = [from, to, keptFrom, namedMax];
    await this.#find(alertsUnlikeLog, values, "alert_differs", alertMismatch);
  }

  /** @param kind of those that are more than can be named */
  async #find(
    statement: Statement,
    values: readonly unknown[],
    kind: Mismatch["kind"],
    mismatchOf: (row: Row) => Mismatch,
  ): Promise<void> {
    const { session, findings } = this.#options;
    const rows = await session.run(statement, values);
    for (const row of rows) findings.add(mismatchOf(row));
    findings.count(kind, Number(rows[0]?.["found_in_all"] ?? 0) - rows.length);
  }
}

type Place = Pick<Mismatch, "shard" | "key" | "order" | "id">;

function keyPlaceOf(row: Row): Place {
  return { shard: Number(row["shard"]), key: text(row, "quota_key"), order: null, id: null };
}

function placeOf(row: Row): Place {
  const [merchantId = "", currency = "", ...ref] = text(row, "order_key").split(" ");
  const key = `${merchantId} ${currency}`;
  return { shard: Number(row["shard"]), key, order: ref.join(" "), id: null };
}

function orderMismatch(row: Row): Mismatch {
  const place = placeOf(row);
  const expected = textOrNull(row, "expected");
  const found = textOrNull(row, "found");
  const what = text(row, "column_name");
  if (!flag(row, "is_stored")) return { ...place, kind: "order_missing", what, expected, found };
  const kind = flag(row, "is_logged") ? "order_differs" : "order_without_entries";
  return { ...place, kind, what, expected, found };
}

function alertMismatch(row: Row): Mismatch {
  const type = text(row, "alert_type");
  const of = { ...keyPlaceOf(row), kind: "alert_differs", id: text(row, "id") } as const;
  const said = (used: unknown, limit: unknown, period: unknown): string =>
    `${String(used)} of ${String(limit)} in ${String(period)}`;
  const found = said(row["current_used"], row["limit_amount"], row["period"]);
  if (row["is_there"] === null) return { ...of, what: type, expected: null, found };
  const expected = said(row["used"], row["entry_limit"], row["entry_period"]);
  return { ...of, what: type, expected, found };
}

/** The day of UTC, as periods are written. */
function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
