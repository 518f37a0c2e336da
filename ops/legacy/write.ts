import type { Image } from "../../shards/store/image.ts";
import type { Database, Session } from "../../src/platform/database.ts";
import type { Feed } from "./feed.ts";
import type { Mark } from "./mark.ts";
import type { Plan } from "./past-key.ts";
import type { LogImage } from "./past-log.ts";
import { Tally } from "./tally.ts";
import {
  countedShards,
  holdMark,
  insertLogs,
  insertOrders,
  insertQuotas,
  keepWritersShut,
  makeMonth,
  moveMark,
  openWriters,
} from "./target-sql.ts";
import { walkMerchant } from "./walk.ts";

/** Rows in one insert: some megabytes of text. */
const rowsOfInsertMax = 5_000;

/** Months that get a partition; more would slow every question to the log down. Older rows go to the catch-all. */
const partitionsMax = 120;

/** How a migration is written. */
export interface Writing {
  readonly target: Database;
  readonly feed: Feed;
  readonly plan: Plan;
  readonly mark: Mark;
  /** Rows after which a round is committed. */
  readonly batchRows: number;
  /** Told after each round how many old rows it has written. */
  readonly onRows: (rows: number) => void;
}

/**
 * Writes what the feed has left, in rounds of whole merchants:
 *
 *     round: writers shut ─▶ mark held ─▶ log rows, quotas, orders ─▶ mark moved ─▶ committed
 *
 * A round that is not committed leaves nothing, and the mark says where the next one begins; so a migration that was
 * killed and run again ends in the same tables as one that was not.
 * @throws Error when a writer is open: its owner keeps in memory what this would write under it
 */
export async function writeAll(writing: Writing): Promise<void> {
  let last = writing.mark.lastMerchantId;
  for (;;) {
    const round = await writing.target.transaction((session) => writeRound(session, writing, last));
    writing.onRows(round.rows);
    if (round.isLast) return;
    last = round.lastMerchantId;
  }
}

interface Round {
  readonly lastMerchantId: string | null;
  readonly rows: number;
  readonly isLast: boolean;
}

async function writeRound(session: Session, writing: Writing, last: string | null): Promise<Round> {
  const { feed, plan, batchRows } = writing;
  await assertNobodyServes(session, plan.shardCount);
  const [held] = await session.run(holdMark, [last]);
  if (held === undefined || held["finished_at"] !== null) {
    throw new Error("another migrate-legacy is at work on this database: wait for it");
  }
  const logs = new Rows(session, insertLogs);
  const keys: { readonly quota: Image; readonly orders: readonly Image[] }[] = [];
  let rows = 0;
  let merchants = 0;
  let written = 0;
  let lastMerchantId = last;
  let isLast = false;
  while (written < batchRows) {
    const merchant = await walkMerchant(feed, plan, new Tally(), (images) => logs.add(images));
    if (merchant === null) {
      isLast = true;
      break;
    }
    rows += merchant.limitRows + merchant.logRows;
    lastMerchantId = merchant.merchantId;
    written += 1 + merchant.logRows;
    if (merchant.key === null) continue;
    keys.push(merchant.key);
    merchants += 1;
    written += merchant.key.orders.length;
  }
  await logs.flush();
  const orders = await writeKeys(session, keys);
  await session.run(moveMark, [lastMerchantId, merchants, orders, logs.count, isLast]);
  return { lastMerchantId, rows, isLast };
}

/** The quotas, and the orders of those that were not there: a key that is in use here already is left alone. */
async function writeKeys(
  session: Session,
  keys: readonly { readonly quota: Image; readonly orders: readonly Image[] }[],
): Promise<number> {
  const writtenKeys = new Set<unknown>();
  for (let from = 0; from < keys.length; from += rowsOfInsertMax) {
    const quotas = keys.slice(from, from + rowsOfInsertMax).map(({ quota }) => quota);
    const rows = await session.run(insertQuotas, [jsonOf(quotas)]);
    for (const row of rows) writtenKeys.add(row["quota_key"]);
  }
  const orders = new Rows(session, insertOrders);
  for (const key of keys) {
    if (writtenKeys.has(key.quota["quota_key"])) await orders.add(key.orders);
  }
  await orders.flush();
  return orders.count;
}

/** @throws Error when a node serves this database, did not end well, or divides it into another number of shards */
export async function assertNobodyServes(session: Session, shardCount: number): Promise<void> {
  await session.run(keepWritersShut);
  const open = await session.run(openWriters);
  if (open.length > 0) {
    const nodes = open.map((row) => String(row["node"])).join(", ");
    throw new Error(
      `a writer is open (node ${nodes}): stop every node of the service first; if one was killed, start it and stop it once, so that what it accepted is in the tables`,
    );
  }
  const [row] = await session.run(countedShards);
  const shards = Number(row?.["shards"]);
  if (shards !== 0 && shards !== shardCount) {
    throw new Error(`the database is divided into ${shards} shards: set SHARD_COUNT=${shards}`);
  }
}

/** Partitions for the newest of the months, so that old rows do not all meet in the catch-all. */
export async function makePartitions(target: Database, months: Iterable<string>): Promise<void> {
  for (const month of [...months].sort().slice(-partitionsMax)) {
    await target.transaction((session) => session.run(makeMonth, [`${month}-01T00:00:00Z`]));
  }
}

/** Rows on their way into one table, written a few thousand at a time. */
class Rows {
  readonly #session: Session;
  readonly #insert: typeof insertLogs;
  #waiting: (LogImage | Image)[] = [];
  count = 0;

  constructor(session: Session, insert: typeof insertLogs) {
    this.#session = session;
    this.#insert = insert;
  }

  async add(images: readonly (LogImage | Image)[]): Promise<void> {
    for (const image of images) {
      this.#waiting.push(image);
      if (this.#waiting.length >= rowsOfInsertMax) await this.flush();
    }
  }

  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.count += waiting.length;
    await this.#session.run(this.#insert, [jsonOf(waiting)]);
  }
}

/** Rows as JSON by column; a bigint as text, which Postgres reads as the number it is. */
function jsonOf(images: readonly (LogImage | Image)[]): string {
  return JSON.stringify(images, (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
}
