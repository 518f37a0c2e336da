import type { Action } from "../../src/domain/command.ts";
import type { LimitsSource } from "../../src/domain/limits.ts";
import { minor, type Minor } from "../../src/domain/money.ts";
import type { Effect, Receipt } from "../../src/domain/order.ts";

/**
 * How an effect lies in `quota_orders.effects`: a short list, amounts as text so that every reader keeps them exact.
 * [action, ref, amount, whole, [log id, version, used ×3, pending, reserved, transactions, remaining ×3, source, policy version]]
 */
export type StoredEffect = readonly [string, string | null, string, boolean, StoredReceipt];
type StoredReceipt = readonly (string | number | null)[];

export function storedEffect(effect: Effect): StoredEffect {
  const { used, remaining, ...rest } = effect.receipt;
  const receipt: StoredReceipt = [
    rest.logId,
    rest.version,
    String(used.daily),
    String(used.monthly),
    String(used.yearly),
    String(rest.pending),
    String(rest.reserved),
    rest.transactionsToday,
    amountText(remaining.daily),
    amountText(remaining.monthly),
    amountText(remaining.yearly),
    rest.limitsSource,
    rest.policyVersion,
  ];
  return [effect.action, effect.ref, String(effect.amount), effect.whole, receipt];
}

/** @throws when the text is not one that `storedEffect` made */
export function effectFrom(stored: unknown): Effect {
  const [action, ref, amount, whole, receipt] = listOf(stored);
  return {
    action: actionOf(action),
    ref: ref === null ? null : textOf(ref),
    amount: amountOf(amount),
    whole: whole === true,
    receipt: receiptFrom(receipt),
  };
}

function receiptFrom(stored: unknown): Receipt {
  const [logId, version, usedDaily, usedMonthly, usedYearly, pending, reserved, ...rest] =
    listOf(stored);
  const [transactionsToday, leftDaily, leftMonthly, leftYearly, source, policyVersion] = rest;
  return {
    logId: textOf(logId),
    version: Number(version),
    used: {
      daily: amountOf(usedDaily),
      monthly: amountOf(usedMonthly),
      yearly: amountOf(usedYearly),
    },
    pending: amountOf(pending),
    reserved: amountOf(reserved),
    transactionsToday: Number(transactionsToday),
    remaining: {
      daily: amountOrNull(leftDaily),
      monthly: amountOrNull(leftMonthly),
      yearly: amountOrNull(leftYearly),
    },
    limitsSource: limitsSourceOf(source),
    policyVersion: policyVersion === null ? null : textOf(policyVersion),
  };
}

export function limitsSourceOf(value: unknown): LimitsSource {
  if (value === "policy" || value === "last_known" || value === "default") return value;
  throw new Error(`${String(value)} is no source of limits`);
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

function actionOf(value: unknown): Action {
  const text = textOf(value);
  if (!isAction(text)) throw new Error(`${text} is no action on an order`);
  return text;
}

function amountText(amount: Minor | null): string | null {
  return amount === null ? null : String(amount);
}

function amountOf(value: unknown): Minor {
  return minor(BigInt(textOf(value)));
}

function amountOrNull(value: unknown): Minor | null {
  return value === null ? null : amountOf(value);
}

function textOf(value: unknown): string {
  if (typeof value !== "string") throw new Error(`a stored receipt holds a ${typeof value}`);
  return value;
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error("a stored receipt is no list");
  return value;
}
