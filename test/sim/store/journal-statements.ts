import { amount, text, whole } from "../../../shards/store/row.ts";
import {
  commitBatch,
  keysWithDueHolds,
  openHoldsByKey,
  ordersByKey,
  pruneJournal,
  quotasByKey,
  writeCheckpoint,
} from "../../../shards/store/sql.ts";
import type { Row } from "../../../src/platform/database.ts";
import { rowsFrom } from "./literal.ts";
import { openWriterShared } from "./ownership-statements.ts";
import { sqlError } from "./sql-error.ts";
import type { Statements } from "./statement.ts";
import type { Table } from "./table.ts";
import type { JournalRow, Tables } from "./tables.ts";
import type { Transaction } from "./transaction.ts";

/** The rows of a commit; refuses what the tables' own checks refuse. */
export function journalRowFrom(
  writerId: bigint,
  seq: number,
  literals: readonly string[],
  tables: Tables,
): JournalRow {
  const [facts = "{}", quotas = "{}", orders = "{}", alerts = "{}"] = literals;
  return {
    writerId,
    seq,
    facts: rowsFrom(facts, tables.columns("quota_usage_logs")),
    quotas: rowsFrom(quotas, tables.columns("merchant_quotas")),
    orders: rowsFrom(orders, tables.columns("quota_orders")),
    alerts: rowsFrom(alerts, tables.columns("quota_alerts")),
  };
}

/** Batches of a writer behind a mark, up to another, in their order. */
function tailOf(
  { journal }: Tables,
  transaction: Transaction,
  writerId: bigint,
  bounds: { readonly after: number; readonly upTo: number },
): readonly JournalRow[] {
  return [...journal.rows(transaction)]
    .map(([, row]) => row)
    .filter((row) => row.writerId === writerId && row.seq > bounds.after && row.seq <= bounds.upTo)
    .sort((a, b) => a.seq - b.seq);
}

/** `insert … on conflict do update … where version < excluded.version`, of each key the newest. */
export async function upsertNewest(
  table: Table<Row>,
  transaction: Transaction,
  rows: readonly Row[],
  keyColumn: string,
): Promise<void> {
  const newest = new Map<string, Row>();
  for (const row of rows) {
    const key = text(row, keyColumn);
    const known = newest.get(key);
    if (!known || whole(known, "version") < whole(row, "version")) newest.set(key, row);
  }
  for (const [key, row] of [...newest].sort(([a], [b]) => (a < b ? -1 : 1))) {
    assertChecks(row);
    const before = await transaction.lock(table, key, "update");
    if (before && whole(before, "version") >= whole(row, "version")) continue;
    await transaction.write(table, key, row);
  }
}

const neverNegative = /_(used|reserved|amount)$|^(amount|released|settled|refunded_|transactions_)/;

/** @throws as Postgres does for a row that breaks a check of its table */
function assertChecks(row: Row): void {
  for (const [column, value] of Object.entries(row)) {
    if (typeof value === "string" || value === null || !neverNegative.test(column)) continue;
    if (Number(value) < 0) throw sqlError("23514", `${column} breaks a check`);
  }
  if (!("released" in row)) return;
  if (
    amount(row, "released") > amount(row, "amount") ||
    amount(row, "settled") > amount(row, "amount")
  )
    throw sqlError("23514", "more is given back or settled than was taken");
}

/** What makes an alert the same as another one. */
export function alertKey(alert: Row): string {
  const parts = ["merchant_id", "currency", "alert_type", "period"];
  return parts.map((column) => text(alert, column)).join(" ");
}

/** An entry, into the log: it gets the next place in the chain of its key. Hashes are not modelled. */
async function chain(fact: Row, tables: Tables, transaction: Transaction): Promise<void> {
  const key = `${text(fact, "merchant_id")} ${text(fact, "currency")}`;
  const place = ((await transaction.lock(tables.heads, key, "update")) ?? 0) + 1;
  await transaction.write(tables.heads, key, place);
  await transaction.write(tables.logs, tables.nextLogKey(), { ...fact, chain_no: BigInt(place) });
}

/** The rows of a journal's tail, into the tables. */
export async function copyIntoTables(
  tail: readonly JournalRow[],
  tables: Tables,
  transaction: Transaction,
): Promise<void> {
  const all = <T>(of: (row: JournalRow) => readonly T[]): readonly T[] => tail.flatMap(of);
  await upsertNewest(
    tables.quotas,
    transaction,
    all(({ quotas }) => quotas),
    "quota_key",
  );
  await upsertNewest(
    tables.orders,
    transaction,
    all(({ orders }) => orders),
    "order_key",
  );
  for (const fact of all(({ facts }) => facts)) await chain(fact, tables, transaction);
  for (const alert of all(({ alerts }) => alerts)) {
    const key = alertKey(alert);
    const known = await transaction.lock(tables.alerts, key, "update");
    if (known === null) await transaction.write(tables.alerts, key, alert);
  }
}

function seen(
  table: Table<Row>,
  transaction: Transaction,
  keys: readonly string[],
): readonly Row[] {
  return keys.map((key) => table.find(key, transaction)).filter((row) => row !== null);
}

/** The statements of `shards/store/sql.ts`. */
export const journalStatements: Statements = {
  [commitBatch.name]: async (given, tables, transaction) => {
    const writer = await openWriterShared(tables, transaction, given.text(1));
    if (!writer) return [];
    const seq = given.whole(2);
    const literals = [3, 4, 5, 6].map((place) => given.text(place));
    const key = `${writer.writerId} ${seq}`;
    if ((await transaction.lock(tables.journal, key, "update")) !== null) {
      throw sqlError("23505", `the journal has ${key} already`);
    }
    const row = journalRowFrom(writer.writerId, seq, literals, tables);
    await transaction.write(tables.journal, key, row);
    return [{ seq: BigInt(seq) }];
  },
  [writeCheckpoint.name]: async (given, tables, transaction) => {
    const { checkpoints } = tables;
    const writerId = given.text(1);
    if (checkpoints.find(writerId, transaction) === null) return [];
    const done = await transaction.lock(checkpoints, writerId, "update");
    if (done === null) return [];
    const upTo = given.whole(2);
    const tail = tailOf(tables, transaction, BigInt(writerId), { after: done, upTo });
    await copyIntoTables(tail, tables, transaction);
    const seq = Math.max(done, upTo);
    await transaction.write(checkpoints, writerId, seq);
    return [{ seq: BigInt(seq) }];
  },
  [pruneJournal.name]: async (given, tables, transaction) => {
    const writerId = given.text(1);
    const upTo = tables.checkpoints.find(writerId, transaction) ?? 0;
    for (const { seq } of tailOf(tables, transaction, BigInt(writerId), { after: 0, upTo })) {
      await transaction.write(tables.journal, `${writerId} ${seq}`, null);
    }
    return [];
  },
  [ordersByKey.name]: (given, { orders }, transaction) => seen(orders, transaction, given.texts(1)),
  [quotasByKey.name]: (given, { quotas }, transaction) => seen(quotas, transaction, given.texts(1)),
  [openHoldsByKey.name]: (given, { orders }, transaction) => {
    const open = [...orders.rows(transaction)].filter(([, row]) => row["hold_state"] === "open");
    return given
      .texts(1)
      .flatMap((quotaKey) =>
        open
          .filter(([orderKey]) => orderKey.startsWith(`${quotaKey} `))
          .map(([, row]) => ({ quota_key: quotaKey, ...row })),
      );
  },
  [keysWithDueHolds.name]: (given, { orders }, transaction) => {
    const shards = given.wholes(1);
    const due = new Map<string, Row>();
    for (const [, row] of orders.rows(transaction)) {
      const expiresAt = row["hold_expires_at"];
      if (row["hold_state"] !== "open" || !(expiresAt instanceof Date)) continue;
      if (expiresAt.getTime() > given.timeMs(2) || !shards.includes(whole(row, "shard"))) continue;
      const [merchantId = "", currency = ""] = text(row, "order_key").split(" ");
      due.set(`${merchantId} ${currency}`, { merchant_id: merchantId, currency });
    }
    return [...due.values()];
  },
};
