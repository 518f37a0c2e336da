import { Type } from "typebox";
import { Compile } from "typebox/compile";

import { currencyField, merchantIdField } from "./http-field.ts";

/** What the platform announces when a merchant's limits have changed. */
const announcement = Compile(
  Type.Object({
    merchant_id: merchantIdField,
    currency: Type.Optional(Type.Union([currencyField, Type.Null()])),
  }),
);

export interface LimitsChanged {
  readonly merchantId: string;
  /** null = in every currency. */
  readonly currency: string | null;
}

/** @returns null when the text is no such announcement */
export function limitsChangedFrom(text: string): LimitsChanged | null {
  try {
    const body: unknown = JSON.parse(text);
    if (!announcement.Check(body)) return null;
    return { merchantId: body.merchant_id, currency: body.currency ?? null };
  } catch {
    return null;
  }
}
