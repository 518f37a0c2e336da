import { merchantIdOf, orderNoOf } from "../../src/domain/ids.ts";
import { totalMax } from "../../src/domain/money.ts";
import type { Clock } from "../../src/platform/clock.ts";
import type { Database, Row, Session } from "../../src/platform/database.ts";
import { text, textOrNull } from "../../shards/store/row.ts";
import { batchesOf } from "./batch.ts";
import { type CsvLine, csvLines } from "./csv-file.ts";
import { Findings, namedMax } from "./findings.ts";
import type { Mismatch } from "./mismatch.ts";
import {
  analyzeListed,
  makeListed,
  ordersNotListed,
  ordersUnlikeList,
  writeListed,
} from "./order-list-sql.ts";

/** The columns of the gateway's list; amounts in minor units. */
export const listColumns = ["merchant_id", "currency", "order_id", "amount", "state"] as const;
/** What the gateway may say of an order: `given_back` = all of it, a part is still `taken`. */
const states: ReadonlySet<string> = new Set(["held", "taken", "given_back", "dropped"]);
/** Lines that are sent to Postgres at once. */
const batchLines = 1_000;

export interface ComparisonOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly file: string;
  /** The list has every order of the keys that it names. */
  readonly isComplete: boolean;
}

/** What came of a comparison with a list that was kept elsewhere. */
export interface Compared {
  /** What is listed, in the plural. */
  readonly what: string;
  readonly findings: Findings;
  readonly lines: number;
  readonly seconds: number;
}

interface ListedOrder {
  readonly line: number;
  readonly orderKey: string;
  readonly amount: bigint;
  readonly state: string;
}

/**
 * Compares the gateway's own list of orders with ours, those in the journal's tail included. The list goes into a
 * temporary table of Postgres, so that its length is no matter here; nothing of ours is written.
 * @throws Error naming the line that is not as it should be; Fault when Postgres does not let it
 */
export async function compareOrders(options: ComparisonOptions): Promise<Compared> {
  const { database, clock, file, isComplete } = options;
  const startedMs = clock.elapsedMs();
  const findings = new Findings();
  const lines = await database.transaction(async (session) => {
    await session.run(makeListed);
    const read = await writeList(session, file, findings);
    await session.run(analyzeListed);
    const unlike = await session.run(ordersUnlikeList, [namedMax]);
    for (const row of unlike) findings.add(unlikeMismatch(row));
    findings.count("order_unlike_list", moreThan(unlike));
    if (isComplete) {
      const unlisted = await session.run(ordersNotListed, [namedMax]);
      for (const row of unlisted) findings.add(unlistedMismatch(row));
      findings.count("order_not_listed", moreThan(unlisted));
    }
    return read;
  });
  return {
    what: "listed orders",
    findings,
    lines,
    seconds: (clock.elapsedMs() - startedMs) / 1_000,
  };
}

async function writeList(session: Session, file: string, findings: Findings): Promise<number> {
  let lines = 0;
  for await (const batch of batchesOf(listedOrders(file), batchLines)) {
    const written = await session.run(writeListed, [
      batch.map(({ orderKey }) => orderKey),
      batch.map(({ line }) => line),
      batch.map(({ amount }) => amount),
      batch.map(({ state }) => state),
    ]);
    const kept = new Set(written.map((row) => Number(row["line"])));
    for (const each of batch) {
      if (!kept.has(each.line)) findings.add(twice(each));
    }
    lines += batch.length;
  }
  return lines;
}

async function* listedOrders(file: string): AsyncGenerator<ListedOrder> {
  for await (const line of csvLines(file, listColumns)) yield listedOrder(line);
}

function listedOrder({ no, fields, wrong }: CsvLine): ListedOrder {
  const [merchant = "", currency = "", order = "", amount = "", state = ""] = fields;
  if (merchantIdOf(merchant) === undefined) throw wrong(`${quoted(merchant)} is no merchant_id`);
  if (!/^[A-Z0-9]{3,16}$/.test(currency)) throw wrong(`${quoted(currency)} is no currency`);
  if (orderNoOf(order) === undefined) throw wrong(`${quoted(order)} is no order_id`);
  if (!/^[0-9]{1,19}$/.test(amount) || BigInt(amount) > totalMax) {
    throw wrong(`${quoted(amount)} is no whole number of minor units`);
  }
  if (!states.has(state)) throw wrong(`${quoted(state)} is none of ${[...states].join(", ")}`);
  const orderKey = `${merchant} ${currency} ${order}`;
  return { line: no, orderKey, amount: BigInt(amount), state };
}

function twice({ line, orderKey }: ListedOrder): Mismatch {
  const numbers = { expected: null, found: null };
  return { kind: "order_listed_twice", ...placeOf(orderKey), what: `line ${line}`, ...numbers };
}

function unlikeMismatch(row: Row): Mismatch {
  const found = textOrNull(row, "here");
  const numbers = { expected: text(row, "listed"), found };
  const of = {
    ...placeOf(text(row, "order_key")),
    what: `line ${String(row["line"])}`,
    ...numbers,
  };
  return { kind: found === null ? "order_unknown" : "order_unlike_list", ...of };
}

function unlistedMismatch(row: Row): Mismatch {
  const numbers = { expected: null, found: text(row, "here") };
  return { kind: "order_not_listed", ...placeOf(text(row, "order_key")), what: "", ...numbers };
}

function placeOf(orderKey: string): Pick<Mismatch, "shard" | "key" | "order" | "id"> {
  const [merchant = "", currency = "", order = ""] = orderKey.split(" ");
  return { shard: null, key: `${merchant} ${currency}`, order, id: null };
}

/** Rows of a statement that were found and not returned. */
function moreThan(rows: readonly Row[]): number {
  return Number(rows[0]?.["found_in_all"] ?? 0) - rows.length;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
