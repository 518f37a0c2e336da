import type { Action } from "../../src/domain/command.ts";
import type { LimitsSource } from "../../src/domain/limits.ts";
import { minor, type Minor } from "../../src/domain/money.ts";
import type { Effect, Receipt } from "../../src/domain/order.ts";

/** Stands between the parts of an effect; escaped text never holds it. */
const mark = "|";

/**
 * How an effect lies in `quota_orders.effects`, one text each: action, ref (escaped as in a URL), amount, whole,
 * then the receipt: log id, version, used ×3, pending, reserved, transactions, remaining ×3, source, policy version.
 * An absent part is empty.
 */
export function storedEffect({ action, ref, amount, whole, receipt }: Effect): string {
  const { used, remaining } = receipt;
  return [
    action,
    ref === null ? "" : encodeURIComponent(ref),
    amount,
    whole ? 1 : 0,
    receipt.logId,
    receipt.version,
    used.daily,
    used.monthly,
    used.yearly,
    receipt.pending,
    receipt.reserved,
    receipt.transactionsToday,
    remaining.daily ?? "",
    remaining.monthly ?? "",
    remaining.yearly ?? "",
    receipt.limitsSource,
    receipt.policyVersion === null ? "" : encodeURIComponent(receipt.policyVersion),
  ].join(mark);
}

/** @throws when the text is not one that `storedEffect` made */
export function effectFrom(stored: string): Effect {
  const parts = stored.split(mark);
  const part = (at: number): string => {
    const text = parts[at];
    if (text === undefined) throw new Error("a stored effect is cut short");
    return text;
  };
  const amount = (at: number): Minor => minor(BigInt(part(at)));
  const amountOrNull = (at: number): Minor | null => (part(at) === "" ? null : amount(at));
  const textOrNull = (at: number): string | null =>
    part(at) === "" ? null : decodeURIComponent(part(at));
  const receipt: Receipt = {
    logId: part(4),
    version: Number(part(5)),
    used: { daily: amount(6), monthly: amount(7), yearly: amount(8) },
    pending: amount(9),
    reserved: amount(10),
    transactionsToday: Number(part(11)),
    remaining: { daily: amountOrNull(12), monthly: amountOrNull(13), yearly: amountOrNull(14) },
    limitsSource: limitsSourceOf(part(15)),
    policyVersion: textOrNull(16),
  };
  return {
    action: actionOf(part(0)),
    ref: textOrNull(1),
    amount: amount(2),
    whole: part(3) === "1",
    receipt,
  };
}

function limitsSourceOf(text: string): LimitsSource {
  if (text === "policy" || text === "last_known" || text === "default") return text;
  throw new Error(`${text} is no source of limits`);
}

const actions: ReadonlySet<string> = new Set<Action>([
  "consume",
  "reserve",
  "confirm",
  "cancel",
  "expire",
  "release",
  "settle",
  "adjust",
]);

function isAction(text: string): text is Action {
  return actions.has(text);
}

function actionOf(text: string): Action {
  if (!isAction(text)) throw new Error(`${text} is no action on an order`);
  return text;
}
