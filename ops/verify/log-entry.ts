import { instant, type Instant } from "../../src/domain/instant.ts";
import { minor, type Minor } from "../../src/domain/money.ts";
import { type Period, periodOf, perWindow, type PerWindow } from "../../src/domain/period.ts";
import type { Row } from "../../src/platform/database.ts";
import { text, textOrNull } from "../../shards/store/row.ts";

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

/**
 * Reads the rows of the cursor `entries`. The sums of an entry are mostly those that the one before it has left, and its
 * periods the same, in the same words: these are read once.
 */
export class EntryReader {
  #sums: Said<Sums> = { text: "", value: sumsIn("0 0 0 0 0") };
  #periods: Said<PerWindow<Period>> = { text: "", value: perWindow(() => periodOf("")) };

  read(row: Row): LogEntry {
    const facts = text(row, "facts").split(" ");
    const charged = text(row, "charged");
    if (charged !== this.#periods.text)
      this.#periods = { text: charged, value: periodsIn(charged) };
    const before = this.#sumsIn(text(row, "sums_before"));
    const after = this.#sumsIn(text(row, "sums_after"));
    return {
      id: text(row, "id"),
      shard: Number(facts[0]),
      merchantId: text(row, "merchant_id"),
      currency: text(row, "currency"),
      action: text(row, "action_type"),
      orderNo: textOrNull(row, "order_no"),
      paymentNo: textOrNull(row, "payment_no"),
      charged: this.#periods.value,
      kind: kindOf(facts[4] ?? ""),
      operatorId: text(row, "operator_id"),
      remarks: textOrNull(row, "remarks"),
      version: Number(facts[1]),
      at: instant(Number(facts[2])),
      amount: units(facts[3]),
      before,
      after,
      isInTail: facts[5] === "t",
      link: linkIn(textOrNull(row, "link")),
    };
  }

  #sumsIn(said: string): Sums {
    if (said !== this.#sums.text) this.#sums = { text: said, value: sumsIn(said) };
    return this.#sums.value;
  }
}

/** What was read last, and in which words. */
interface Said<T> {
  readonly text: string;
  readonly value: T;
}

const hexDigits = 64;

/** A number, the hash before, which is empty for the first, and the hash after. */
function linkIn(said: string | null): Link | null {
  if (said === null) return null;
  const end = said.indexOf(" ");
  const before = said.slice(end + 1, -hexDigits - 1);
  return { no: Number(said.slice(0, end)), before, after: said.slice(-hexDigits) };
}

function periodsIn(said: string): PerWindow<Period> {
  const [daily = "", monthly = "", yearly = ""] = said.split(" ");
  return { daily: periodOf(daily), monthly: periodOf(monthly), yearly: periodOf(yearly) };
}

function kindOf(text: string): LogEntry["kind"] {
  if (text === "accepted" || text === "refused" || text === "swept") return text;
  throw new Error(`${text} is no kind of entry`);
}

/** Five numbers in the order of the statement. */
function sumsIn(said: string): Sums {
  const [daily, monthly, yearly, pending, reserved] = said.split(" ");
  return {
    used: { daily: units(daily), monthly: units(monthly), yearly: units(yearly) },
    pending: units(pending),
    reserved: units(reserved),
  };
}

/** Unlike the owners, it takes a negative amount for what it is. */
function units(said = ""): Minor {
  return minor(BigInt(said));
}
