import type { Static, TSchema } from "typebox";

import type { Command, Metadata, Operator, Question } from "../domain/command.ts";
import { type Currencies, type Currency, currencyOf } from "../domain/currency.ts";
import {
  type Key,
  keyOf,
  type MerchantId,
  merchantIdOf,
  type OrderNo,
  orderNoOf,
} from "../domain/ids.ts";
import { type Minor, minor } from "../domain/money.ts";
import type { WindowName } from "../domain/period.ts";
import {
  adjustBody,
  cancelBody,
  checkBody,
  confirmBody,
  consumeBody,
  releaseBody,
  reserveBody,
  resumeBody,
  settleBody,
  suspendBody,
  ttlSecondsDefault,
} from "./http.ts";

/** Who asks, and by what a body is read. */
export interface Origin {
  readonly operator: Operator;
  /** W3C trace id of the request, 32 hexadecimal digits. */
  readonly traceId: string | null;
  readonly currencies: Currencies;
}

/** A call on one key: the shape of its body, and what such a body means. */
export interface Operation {
  readonly body: TSchema;
  /** @param body as its schema has checked it */
  readonly read: (body: unknown, origin: Origin) => Command | Question;
}

/** Every call on one key, by the name it has in its path and in a batch. */
export const operations = {
  check: operation(checkBody, (body, origin) => ({
    kind: "check",
    key: requestedKey(body.merchant_id, body.currency, origin.currencies),
    amount: amountOf(body.amount),
  })),
  consume: operation(consumeBody, (body, origin) => ({
    kind: "consume",
    ...trailOf(body, origin),
    orderNo: orderNo(body.order_no),
    amount: amountOf(body.amount),
  })),
  release: operation(releaseBody, (body, origin) => ({
    kind: "release",
    ...trailOf(body, origin),
    orderNo: orderNo(body.order_no),
    refundNo: body.refund_no ?? null,
    amount: someAmountOf(body.amount),
  })),
  reserve: operation(reserveBody, (body, origin) => ({
    kind: "reserve",
    ...trailOf(body, origin),
    orderNo: orderNo(body.order_no),
    amount: amountOf(body.amount),
    ttlMs: (body.ttl_seconds ?? ttlSecondsDefault) * 1_000,
  })),
  confirm: operation(confirmBody, (body, origin) => ({
    kind: "confirm",
    ...trailOf(body, origin),
    orderNo: orderNo(body.order_no),
    amount: someAmountOf(body.amount),
  })),
  cancel: operation(cancelBody, (body, origin) => ({
    kind: "cancel",
    ...trailOf(body, origin),
    orderNo: orderNo(body.order_no),
  })),
  settle: operation(settleBody, (body, origin) => ({
    kind: "settle",
    ...trailOf(body, origin),
    orderNo: orderNo(body.order_no),
  })),
  adjust: operation(adjustBody, (body, origin) => ({
    kind: "adjust",
    ...trailOf({ ...body, remarks: body.reason }, origin),
    changes: {
      daily: BigInt(body.daily_adjust ?? 0),
      monthly: BigInt(body.monthly_adjust ?? 0),
      yearly: BigInt(body.yearly_adjust ?? 0),
    },
    adjustmentNo: body.adjustment_no ?? null,
  })),
  suspend: operation(suspendBody, (body, origin) => ({
    kind: "suspend",
    ...trailOf({ ...body, remarks: body.reason }, origin),
    reason: body.reason,
  })),
  resume: operation(resumeBody, (body, origin) => ({
    kind: "resume",
    ...trailOf({ ...body, remarks: body.reason }, origin),
  })),
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;

/** Those that only an admin may send. */
export const adminOperations: ReadonlySet<string> = new Set<OperationName>([
  "adjust",
  "suspend",
  "resume",
]);

/** @returns undefined when there is no such operation */
export function operationNamed(name: unknown): Operation | undefined {
  return typeof name === "string" && Object.hasOwn(operations, name)
    ? operations[name as OperationName]
    : undefined;
}

/** One key's reset; it has no body of its own, because `POST /reset` may mean many keys. */
export function resetOf(
  key: Key,
  window: WindowName,
  reason: string | null,
  origin: Origin,
): Command {
  const { operator, traceId } = origin;
  const trail = { operator, traceId, paymentNo: null, remarks: reason, metadata: null };
  return { kind: "reset", key, window, ...trail };
}

/** The key of a request that was checked by its schema. */
export function requestedKey(merchantId: string, currency: string, currencies: Currencies): Key {
  const id = merchantIdOf(merchantId);
  const known = currencyOf(currencies, currency);
  if (id === undefined || known === undefined) throw new Error("a key passed unchecked");
  return keyOf(id, known);
}

/** A key as the tables have it: it was checked when it was first used. */
export function storedKey(merchantId: string, currency: string): Key {
  return keyOf(merchantId as MerchantId, currency as Currency);
}

function operation<Body extends TSchema>(
  body: Body,
  read: (body: Static<Body>, origin: Origin) => Command | Question,
): Operation {
  return { body, read: read as Operation["read"] };
}

interface Trail {
  readonly merchant_id: string;
  readonly currency: string;
  readonly payment_no?: string;
  readonly remarks?: string;
  readonly metadata?: Metadata;
}

function trailOf(body: Trail, { operator, traceId, currencies }: Origin) {
  return {
    key: requestedKey(body.merchant_id, body.currency, currencies),
    operator,
    traceId,
    paymentNo: body.payment_no ?? null,
    remarks: body.remarks ?? null,
    metadata: body.metadata ?? null,
  };
}

function amountOf(units: number): Minor {
  return minor(BigInt(units));
}

function someAmountOf(units: number | undefined): Minor | null {
  return units === undefined ? null : amountOf(units);
}

function orderNo(text: string): OrderNo {
  const checked = orderNoOf(text);
  if (checked === undefined) throw new Error("an order_no passed unchecked");
  return checked;
}
