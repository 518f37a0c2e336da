import { instant, type Instant } from "../../src/domain/instant.ts";
import { minor, type Minor } from "../../src/domain/money.ts";
import { type Period, periodOf, type PerWindow } from "../../src/domain/period.ts";
import type { Row } from "../../src/platform/database.ts";
import { flag, text, textOrNull } from "../../shards/store/row.ts";

/** The sums of a key at one moment, as a log entry has them before and after. */
export interface Sums {
  readonly used: PerWindow<Minor>;
  readonly pending: Minor;
  readonly reserved: Minor;
}

/** A row of quota_usage_logs, as far as it can be replayed. */
export interface LogEntry {
  readonly id: string;
  readonly shard: number;
  readonly merchantId: string;
  readonly currency: string;
  readonly action: string;
  readonly orderNo: string | null;
  readonly paymentNo: string | null;
  readonly amount: Minor;
  readonly before: Sums;
  readonly after: Sums;
  /** Of the order, or of the key where there is none. */
  readonly charged: PerWindow<Period>;
  readonly kind: "accepted" | "refused" | "swept";
  readonly operatorId: string;
  readonly remarks: string | null;
  readonly version: number;
  readonly at: Instant;
  /** Durable, but not in the table yet. */
  readonly isInTail: boolean;
  /** Its place in the chain of its key; null = it has none. */
  readonly link: Link | null;
}

/** An entry's number and the hash of the chain before and after it, in hexadecimal. */
export interface Link {
  readonly no: number;
  readonly before: string;
  /** As its content makes it, whatever the next entry says. */
  readonly after: string;
}

/** @param row of the cursor `entries` */
export function logEntryFrom(row: Row): LogEntry {
  const numbers = text(row, "numbers").split(" ");
  const [daily = "", monthly = "", yearly = ""] = text(row, "charged").split(" ");
  return {
    id: text(row, "id"),
    shard: Number(row["shard"]),
    merchantId: text(row, "merchant_id"),
    currency: text(row, "currency"),
    action: text(row, "action_type"),
    orderNo: textOrNull(row, "order_no"),
    paymentNo: textOrNull(row, "payment_no"),
    charged: { daily: periodOf(daily), monthly: periodOf(monthly), yearly: periodOf(yearly) },
    kind: kindOf(text(row, "kind")),
    operatorId: text(row, "operator_id"),
    remarks: textOrNull(row, "remarks"),
    version: Number(numbers[0]),
    at: instant(Number(numbers[1])),
    amount: unitsAt(numbers, 2),
    before: sumsAt(numbers, 3),
    after: sumsAt(numbers, 8),
    isInTail: flag(row, "in_tail"),
    link: linkOf(textOrNull(row, "link")),
  };
}

function linkOf(text: string | null): Link | null {
  if (text === null) return null;
  const [no, before = "", after = ""] = text.split(" ");
  return { no: Number(no), before, after };
}

function kindOf(text: string): LogEntry["kind"] {
  if (text === "accepted" || text === "refused" || text === "swept") return text;
  throw new Error(`${text} is no kind of entry`);
}

/** Five numbers in the order of the statement. */
function sumsAt(numbers: readonly string[], first: number): Sums {
  return {
    used: {
      daily: unitsAt(numbers, first),
      monthly: unitsAt(numbers, first + 1),
      yearly: unitsAt(numbers, first + 2),
    },
    pending: unitsAt(numbers, first + 3),
    reserved: unitsAt(numbers, first + 4),
  };
}

/** Unlike the owners, it takes a negative amount for what it is. */
function unitsAt(numbers: readonly string[], place: number): Minor {
  return minor(BigInt(numbers[place] ?? ""));
}
