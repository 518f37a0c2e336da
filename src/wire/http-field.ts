import { type TSchemaOptions, Type } from "typebox";

/*
 * The fields that requests and replies are made of. Bounds of text stand in the patterns, which count code points.
 * Totals are bigint and printed exactly; "or null" is spelled `nullable`, which the serializer prints a bigint for,
 * and which the published document turns into a union with null.
 */

/** Text without NUL and without half surrogate pairs: Postgres can hold neither in json or text. */
export const storable = "[^\\u0000\\ud800-\\udfff]";
const reference = "^[!-~]{1,64}$";

export const merchantIdField = Type.String({
  pattern: "^[A-Za-z0-9_-]{1,64}$",
  description: "Merchant: 1 to 64 letters, digits, `_` or `-`.",
  examples: ["merchant-001"],
});
export const currencyField = Type.String({
  pattern: "^[A-Z][A-Z0-9]{2,9}$",
  description: "ISO 4217 code, or one of EXTRA_CURRENCIES.",
  examples: ["USD"],
});

export const referenceField = (description: string, example: string) =>
  Type.String({
    pattern: reference,
    description: `${description}: 1 to 64 visible ASCII characters.`,
    examples: [example],
  });
export const orderNoField = referenceField("Number of the order", "ORDER-001");
export const paymentNoField = referenceField("Number of the payment", "PAY-001");

export const amountField = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: "Amount in minor units (cents).",
  examples: [50000],
});
export const signedAmountField = Type.Integer({
  minimum: -Number.MAX_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
  description: "Signed amount in minor units; 0 or absent leaves the window as it is.",
});

export const textField = (description: string, min = 0) =>
  Type.String({
    pattern: `^${storable}{${min},500}$`,
    description: `${description}; ${min} to 500 characters.`,
  });

/** Larger ones a JSON reader rounds: the log would have another number than was sent. */
const exactNumber = { minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };

/** A flat object for the audit trail. `__proto__` is no name: many readers of the log would not find it again. */
export const metadataField = Type.Record(
  Type.String({ pattern: `^(?!__proto__$)${storable}{1,64}$` }),
  Type.Union([
    Type.String({ pattern: `^${storable}{0,256}$` }),
    Type.Number(exactNumber),
    Type.Boolean(),
  ]),
  {
    maxProperties: 16,
    additionalProperties: false,
    description:
      "Up to 16 values (text up to 256 characters, numbers to 2^53 - 1, booleans) for the log.",
  },
);

export const windowField = Type.Union(
  [Type.Literal("daily"), Type.Literal("monthly"), Type.Literal("yearly")],
  { description: "Which window." },
);

export const total = (description: string) => Type.Unsafe<bigint>({ type: "integer", description });
export const totalOrNull = (description: string) =>
  Type.Unsafe<bigint | null>({ type: "integer", nullable: true, description });
export const countOrNull = (description: string) =>
  Type.Unsafe<number | null>({ type: "integer", nullable: true, description });
export const textOrNull = (description: string) =>
  Type.Unsafe<string | null>({ type: "string", nullable: true, description });
export const time = (description: string) =>
  Type.Unsafe<string>({ type: "string", format: "date-time", description });
export const timeOrNull = (description: string) =>
  Type.Unsafe<string | null>({ type: "string", format: "date-time", nullable: true, description });

/** Fields are closed: an unknown one is refused. */
export const closed = { additionalProperties: false } as const satisfies TSchemaOptions;
