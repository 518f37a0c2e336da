import { v5 } from "uuid";

import { merchantIdOf, type MerchantId } from "../../src/domain/ids.ts";
import { instant, type Instant } from "../../src/domain/instant.ts";
import { atLeastZero, minor, type Minor, totalMax, zero } from "../../src/domain/money.ts";
import type { Suspension } from "../../src/domain/quota.ts";
import type { Row } from "../../src/platform/database.ts";

/** Who did what is migrated: the operator of the log entries, and the last to have updated a quota. */
export const legacyOperator = "merchant-limit-service";

/** A row of the old service, or why it cannot be migrated. */
export type Read<T> =
  { readonly kind: "read"; readonly value: T } | { readonly kind: "bad"; readonly reason: string };

/** What merchant_limits says of a merchant; absent amounts are zero. */
export interface LegacyLimits {
  readonly merchantId: MerchantId;
  readonly used: { readonly daily: Minor; readonly monthly: Minor };
  readonly pending: Minor;
  readonly refundedToday: Minor;
  /** When the old service would have set a counter to zero; null = it does not say. */
  readonly resetAt: { readonly daily: Instant | null; readonly monthly: Instant | null };
  /** The time is null where the old service does not say since when. */
  readonly suspended: { readonly at: Instant | null; readonly reason: string } | null;
  readonly createdAt: Instant | null;
  readonly updatedAt: Instant | null;
}

/** A row of limit_usage_logs. */
export interface LegacyLog {
  readonly merchantId: MerchantId;
  /** The old row's id where it is a UUID, else one that is made of it. */
  readonly id: string;
  readonly action: string;
  readonly amount: Minor;
  /** null = the old service does not say: that of its limits. */
  readonly currency: string | null;
  readonly orderNo: string | null;
  readonly paymentNo: string | null;
  readonly dailyLimit: bigint | null;
  readonly dailyUsed: Change;
  readonly monthlyUsed: Change;
  readonly success: boolean;
  readonly failureReason: string | null;
  readonly metadata: object | null;
  readonly at: Instant;
  /** RFC 3339 to the microsecond. */
  readonly atText: string;
}

/** As the old service wrote it, which may be below zero. */
interface Change {
  readonly before: bigint;
  readonly after: bigint;
}

/** What ids of other forms than UUID are made into UUIDs with. */
const idNamespace = "0d3f7a52-6d0c-5b5e-9c55-8b7f0f5f7c11";
const uuidForm = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const wholeNumber = /^-?[0-9]+(?:\.0+)?$/;
const millisecondsAt = { first: 0, last: Date.UTC(9999, 11, 31) };

/** Why a merchant id cannot be one here. */
const noMerchant = "merchant_id is not 1 to 64 letters, digits, _ or -";

/** @returns why not, where the merchant or an amount cannot be one here */
export function limitsFrom(row: Row): Read<LegacyLimits> {
  const merchantId = merchantIdOf(textOf(row, "merchant_id") ?? "");
  if (!merchantId) return bad(noMerchant);
  const amounts = ["daily_used", "monthly_used", "pending_amount", "refunded_today"].map((column) =>
    amountIn(row, column),
  );
  const [daily, monthly, pending, refundedToday] = amounts;
  for (const amount of amounts) if (amount.kind === "bad") return amount;
  if (!isRead(daily) || !isRead(monthly) || !isRead(pending) || !isRead(refundedToday)) {
    return bad("an amount is missing");
  }
  return read({
    merchantId,
    used: { daily: daily.value, monthly: monthly.value },
    pending: pending.value,
    refundedToday: refundedToday.value,
    resetAt: { daily: momentOf(row, "daily_reset_at"), monthly: momentOf(row, "monthly_reset_at") },
    suspended:
      row["is_suspended"] === true
        ? {
            at: momentOf(row, "suspended_at"),
            reason: textOf(row, "suspended_reason") ?? `suspended in ${legacyOperator}`,
          }
        : null,
    createdAt: momentOf(row, "created_at"),
    updatedAt: momentOf(row, "updated_at"),
  });
}

/** @returns why not, where the merchant, the amount or the time cannot be one here */
export function logFrom(row: Row): Read<LegacyLog> {
  const merchantId = merchantIdOf(textOf(row, "merchant_id") ?? "");
  if (!merchantId) return bad(noMerchant);
  const action = textOf(row, "action_type")?.toLowerCase();
  if (action === undefined) return bad("action_type is empty");
  if (textOf(row, "amount") === null) return bad("amount is null");
  const amount = amountIn(row, "amount");
  if (amount.kind === "bad") return amount;
  const createdUs = row["created_us"];
  if (typeof createdUs !== "bigint") return bad("created_at is null");
  const atMs = Number(createdUs / 1_000n);
  if (createdUs < 0n || atMs > millisecondsAt.last) {
    return bad("created_at is not between 1970 and 9999");
  }
  return read({
    merchantId,
    id: idOf(textOf(row, "id") ?? ""),
    action,
    amount: amount.value,
    currency: textOf(row, "currency")?.trim().toUpperCase() ?? null,
    orderNo: textOf(row, "order_no"),
    paymentNo: textOf(row, "payment_no"),
    dailyLimit: snapshotOrNull(row, "daily_limit_before"),
    dailyUsed: changeOf(row, "daily_used_before", "daily_used_after"),
    monthlyUsed: changeOf(row, "monthly_used_before", "monthly_used_after"),
    success: row["success"] !== false,
    failureReason: textOf(row, "failure_reason"),
    metadata: metadataOf(textOf(row, "metadata")),
    at: instant(atMs),
    atText: `${new Date(atMs).toISOString().slice(0, -1)}${String(createdUs % 1_000n).padStart(3, "0")}Z`,
  });
}

/** What a row's column adds to the old service's own sum: nothing where it is no whole number. */
export function summand(row: Row, column: string): bigint {
  return integerOf(textOf(row, column) ?? "") ?? 0n;
}

/** The suspension, since when the old service says or, if it does not, since the migration. */
export function suspensionOf({ suspended }: LegacyLimits, asOf: Instant): Suspension | null {
  return suspended && { at: suspended.at ?? asOf, reason: suspended.reason, by: legacyOperator };
}

/** A text of a column; null where it is absent or empty. */
export function textOf(row: Row, column: string): string | null {
  const value = row[column];
  return typeof value === "string" && value !== "" ? value : null;
}

function read<T>(value: T): Read<T> {
  return { kind: "read", value };
}

function bad(reason: string): Read<never> {
  return { kind: "bad", reason };
}

function isRead<T>(it: Read<T> | undefined): it is { readonly kind: "read"; readonly value: T } {
  return it?.kind === "read";
}

function amountIn(row: Row, column: string): Read<Minor> {
  const text = textOf(row, column);
  if (text === null) return read(zero);
  const amount = integerOf(text);
  if (amount === null) return bad(`${column} is ${text}, which is no whole number of minor units`);
  if (amount < 0n) return bad(`${column} is negative (${text})`);
  if (amount > totalMax) return bad(`${column} is more than can be counted (${text})`);
  return read(minor(amount));
}

function integerOf(text: string): bigint | null {
  return wholeNumber.test(text) ? BigInt(text.replace(/\..*$/, "")) : null;
}

/** A number that only the audit trail shows; null where it is none that can be stored. */
function snapshotOrNull(row: Row, column: string): bigint | null {
  const amount = integerOf(textOf(row, column) ?? "");
  return amount !== null && BigInt.asIntN(64, amount) === amount ? amount : null;
}

function changeOf(row: Row, before: string, after: string): Change {
  const earlier = snapshotOrNull(row, before) ?? snapshotOrNull(row, after) ?? 0n;
  return { before: earlier, after: snapshotOrNull(row, after) ?? earlier };
}

/** A moment, a year outside 1970 to 9999 pulled to that range; null where it is absent or no moment. */
function momentOf(row: Row, column: string): Instant | null {
  const value = row[column];
  if (!(value instanceof Date)) return null;
  const { first, last } = millisecondsAt;
  return instant(Math.min(last, Math.max(first, value.getTime())));
}

function idOf(text: string): string {
  return uuidForm.test(text) ? text.toLowerCase() : v5(text, idNamespace);
}

/** A JSON object as it was; anything else as the one field `legacy`. */
function metadataOf(text: string | null): object | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (value === null) return null;
    return typeof value === "object" && !Array.isArray(value) ? value : { legacy: value };
  } catch {
    return { legacy: text };
  }
}

/** An amount of the audit trail as one that an answer can show. */
export function shown(amount: bigint): Minor {
  return atLeastZero(amount);
}
