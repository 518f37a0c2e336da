import type { Brand } from "./brand.ts";
import type { Currency } from "./currency.ts";

/** 1–64 of `A-Z a-z 0-9 _ -`. */
export type MerchantId = Brand<string, "MerchantId">;
/** 1–64 visible ASCII characters, without space: the gateway's number of an order. */
export type OrderNo = Brand<string, "OrderNo">;
/** Merchant and currency, joined by a space (neither can hold one). */
export type KeyText = Brand<string, "KeyText">;

/** A merchant in one currency: what one actor owns. */
export interface Key {
  readonly merchantId: MerchantId;
  readonly currency: Currency;
  readonly text: KeyText;
}

const merchantIdForm = /^[A-Za-z0-9_-]{1,64}$/;
const referenceForm = /^[!-~]{1,64}$/;

/** @returns undefined when the text is not a merchant id */
export function merchantIdOf(text: string): MerchantId | undefined {
  return merchantIdForm.test(text) ? (text as MerchantId) : undefined;
}

/** @returns undefined when the text is not an order number */
export function orderNoOf(text: string): OrderNo | undefined {
  return referenceForm.test(text) ? (text as OrderNo) : undefined;
}

export function keyOf(merchantId: MerchantId, currency: Currency): Key {
  return { merchantId, currency, text: `${merchantId} ${currency}` as KeyText };
}
