/** Decimal digits of each currency's minor unit. */
export type Digits = ReadonlyMap<string, number>;

const minus = "\u2212";

/** Minor units as people write them: 1234567 of USD is 12,345.67; exact at any size. */
export function amountText(minor: bigint, digits: number, language: string): string {
  const size = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, "0");
  const whole = BigInt(size.slice(0, size.length - digits)).toLocaleString(language);
  const part = digits === 0 ? "" : `.${size.slice(-digits)}`;
  return `${minor < 0n ? minus : ""}${whole}${part}`;
}

/**
 * Reads an amount as people write it, with a sign and without or with separators.
 * @returns minor units; undefined when it is none, or has more decimals than the currency
 */
export function amountFrom(text: string, digits: number): bigint | undefined {
  const plain = text.replaceAll(/[\s,_]/g, "").replace(minus, "-");
  const [, sign, whole, part = ""] = /^([+-]?)(\d{1,15})(?:\.(\d*))?$/.exec(plain) ?? [];
  if (whole === undefined || part.length > digits) return undefined;
  const minor = BigInt(whole + part.padEnd(digits, "0"));
  return sign === "-" ? -minor : minor;
}

export function countText(count: number | bigint, language: string): string {
  return count.toLocaleString(language, { maximumFractionDigits: 1 });
}

/** Share of a limit in percent, rounded down: 100 % is said only of all of it. null = there is no limit. */
export function percentOf(used: bigint, limit: bigint | null): number | null {
  if (limit === null) return null;
  if (limit === 0n) return used > 0n ? 100 : 0;
  return Number((used * 1000n) / limit) / 10;
}

export function percentText(percent: number, language: string): string {
  const shown = percent >= 10 ? Math.floor(percent) : percent;
  return `${shown.toLocaleString(language, { maximumFractionDigits: 1 })}${language === "en" ? "\u00a0%" : "%"}`;
}
