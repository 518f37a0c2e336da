import { type Static, Type } from "typebox";

import {
  amountField,
  closed,
  currencyField,
  merchantIdField,
  metadataField,
  orderNoField,
  paymentNoField,
  referenceField,
  signedAmountField,
  textField,
  windowField,
} from "./http-field.ts";

/*
 * The bodies of the commands. Their examples succeed when they are sent in the order of the published document:
 * ORDER-001 is consumed and released, ORDER-002 reserved and confirmed, ORDER-003 reserved by the batch and cancelled,
 * ORDER-004 consumed by the batch and settled.
 */

export const ttlSecondsDefault = 900;
const ttlSecondsMax = 7 * 86_400;

/** Operations of one batch; more are refused. */
export const batchOperationsMax = 1_000;

const key = { merchant_id: merchantIdField, currency: currencyField };
const exampleKey = { merchant_id: "merchant-001", currency: "USD" };
const remarks = Type.Optional(textField("Remarks for the log"));
const reason = textField("Why, for the log", 1);
const trail = {
  payment_no: Type.Optional(paymentNoField),
  remarks,
  metadata: Type.Optional(metadataField),
};
const order = { ...key, order_no: orderNoField, ...trail };
const someAmount = Type.Optional(amountField);

export const checkBody = Type.Object(
  { ...key, amount: amountField },
  { ...closed, examples: [{ ...exampleKey, amount: 50000 }] },
);
export const consumeBody = Type.Object(
  { ...order, amount: amountField },
  {
    ...closed,
    examples: [{ ...exampleKey, order_no: "ORDER-001", payment_no: "PAY-001", amount: 50000 }],
  },
);
export const releaseBody = Type.Object(
  {
    ...order,
    refund_no: Type.Optional(
      referenceField("Number of a refund; needed from the second slice on", "REFUND-001"),
    ),
    amount: someAmount,
  },
  {
    ...closed,
    description: "Without an amount: all that is left of the order.",
    examples: [{ ...exampleKey, order_no: "ORDER-001", amount: 50000, remarks: "cancelled" }],
  },
);
export const reserveBody = Type.Object(
  {
    ...order,
    amount: amountField,
    ttl_seconds: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: ttlSecondsMax,
        default: ttlSecondsDefault,
        description: "After this many seconds the hold expires by itself.",
      }),
    ),
  },
  {
    ...closed,
    examples: [{ ...exampleKey, order_no: "ORDER-002", amount: 30000, ttl_seconds: 900 }],
  },
);
export const confirmBody = Type.Object(
  { ...order, amount: someAmount },
  {
    ...closed,
    description: "Without an amount: all that was held. With less, the rest returns.",
    examples: [{ ...exampleKey, order_no: "ORDER-002", amount: 20000 }],
  },
);
export const cancelBody = Type.Object(order, {
  ...closed,
  examples: [{ ...exampleKey, order_no: "ORDER-003" }],
});
export const settleBody = Type.Object(order, {
  ...closed,
  examples: [{ ...exampleKey, order_no: "ORDER-004" }],
});

export const adjustBody = Type.Object(
  {
    ...key,
    daily_adjust: Type.Optional(signedAmountField),
    monthly_adjust: Type.Optional(signedAmountField),
    yearly_adjust: Type.Optional(signedAmountField),
    reason,
    adjustment_no: Type.Optional(
      referenceField("Makes the adjustment idempotent: the number of it", "ADJUST-001"),
    ),
  },
  {
    ...closed,
    // Not all of them absent or 0.
    not: {
      properties: {
        daily_adjust: { const: 0 },
        monthly_adjust: { const: 0 },
        yearly_adjust: { const: 0 },
      },
    },
    examples: [
      {
        ...exampleKey,
        daily_adjust: 1000,
        monthly_adjust: 1000,
        yearly_adjust: 1000,
        reason: "an order taken by telephone",
        adjustment_no: "ADJUST-001",
      },
    ],
  },
);
export const suspendBody = Type.Object(
  { ...key, reason },
  { ...closed, examples: [{ ...exampleKey, reason: "under review" }] },
);
export const resumeBody = Type.Object(
  { ...key, reason },
  { ...closed, examples: [{ ...exampleKey, reason: "review passed" }] },
);
export const resetBody = Type.Object(
  {
    period: windowField,
    merchant_id: Type.Optional(merchantIdField),
    currency: Type.Optional(currencyField),
    reason: Type.Optional(textField("Why, for the log", 1)),
  },
  {
    ...closed,
    dependentRequired: { currency: ["merchant_id"] },
    description:
      "Begins the running period anew for one key, for a merchant, or without both for all.",
    examples: [{ period: "daily", ...exampleKey, reason: "agreed with the merchant" }],
  },
);
export type ResetBody = Static<typeof resetBody>;

export const refreshLimitsBody = Type.Object(
  { merchant_id: merchantIdField, currency: Type.Optional(currencyField) },
  {
    ...closed,
    description: "Without a currency, every currency that the merchant ever used.",
    examples: [exampleKey],
  },
);
export type RefreshLimitsBody = Static<typeof refreshLimitsBody>;

export const batchBody = Type.Object(
  {
    operations: Type.Array(
      Type.Unsafe<Readonly<Record<string, unknown>>>({
        type: "object",
        additionalProperties: true,
        description: "`op` and the body that the operation has as a call of its own.",
        properties: { op: { type: "string" } },
      }),
      { minItems: 1, maxItems: batchOperationsMax },
    ),
  },
  {
    ...closed,
    examples: [
      {
        operations: [
          { op: "check", ...exampleKey, amount: 1000 },
          { op: "reserve", ...exampleKey, order_no: "ORDER-003", amount: 10000 },
          { op: "consume", ...exampleKey, order_no: "ORDER-004", amount: 10000 },
        ],
      },
    ],
  },
);
export type BatchBody = Static<typeof batchBody>;
