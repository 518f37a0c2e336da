import type { Brand } from "./brand.ts";

/** An amount in the currency's minor unit: 1234n of USD is 12.34 USD, of JPY 1234 JPY. */
export type Minor = Brand<bigint, "Minor">;

/** The largest total a bigint column holds; a change that would pass it is refused as AMOUNT_OVERFLOW. */
export const totalMax = 2n ** 63n - 1n;

/** The largest amount in a request, 2^53 - 1: every JSON reader holds it exactly. */
export const amountMax = BigInt(Number.MAX_SAFE_INTEGER);

export function minor(units: bigint): Minor {
  return units as Minor;
}

export const zero = minor(0n);

/** The smaller of two amounts. */
export function least(a: bigint, b: bigint): Minor {
  return minor(a < b ? a : b);
}

/** The amount, or zero where it is negative. */
export function atLeastZero(units: bigint): Minor {
  return units < 0n ? zero : minor(units);
}

/** The amount taken off: a signed change. */
export function minus(amount: Minor): bigint {
  return 0n - amount;
}
