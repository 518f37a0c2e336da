import { currenciesWith } from "./domain/currency.ts";
import type { Threshold } from "./domain/limits.ts";
import { amountMax } from "./domain/money.ts";
import { type Zone, zoneOf } from "./domain/period.ts";

/** What a setting's text means, or what is wrong with it in words that follow "it". */
export type Parsed<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "wrong"; readonly wrong: string };

const isoCurrencies = currenciesWith(new Map());

const value = <T>(parsed: T): Parsed<T> => ({ kind: "value", value: parsed });
const wrong = (why: string): Parsed<never> => ({ kind: "wrong", wrong: why });

/** An amount in minor units or a count; empty is null, no limit. */
export function amountOf(text: string): Parsed<bigint | null> {
  if (text === "") return value(null);
  const amount = BigInt(text);
  if (amount > amountMax) return wrong(`is over ${amountMax.toString()}, the most that is counted`);
  return value(amount);
}

/** As `amountOf`, but 0 says "none" too, as it does in the platform's policies for these limits. */
export function amountOrNoneOf(text: string): Parsed<bigint | null> {
  const parsed = amountOf(text);
  return parsed.kind === "value" && parsed.value === 0n ? value(null) : parsed;
}

/** `USDT:6,BTC:8` as code to number of minor digits. */
export function currenciesOf(text: string): Parsed<ReadonlyMap<string, number>> {
  const currencies = new Map<string, number>();
  for (const entry of entriesOf(text)) {
    const [, code, digits] = /^([A-Z][A-Z0-9]{2,9})(?::([0-9]|1[0-2]))?$/.exec(entry) ?? [];
    if (code === undefined)
      return wrong(`has ${JSON.stringify(entry)}, which is not CODE or CODE:digits`);
    if (currencies.has(code)) return wrong(`names ${code} twice`);
    if (isoCurrencies.has(code)) return wrong(`names ${code}, which ISO 4217 has already`);
    currencies.set(code, Number(digits ?? 2));
  }
  return value(currencies);
}

/** `80:warning,100:critical` as thresholds, lowest first. */
export function thresholdsOf(text: string): Parsed<readonly Threshold[]> {
  const thresholds: Threshold[] = [];
  for (const entry of entriesOf(text)) {
    const [, digits, level] = /^([1-9][0-9]?|100):(warning|critical)$/.exec(entry) ?? [];
    if (digits === undefined) {
      return wrong(
        `has ${JSON.stringify(entry)}, which is not percent:warning or percent:critical`,
      );
    }
    const percent = Number(digits);
    const last = thresholds.at(-1);
    if (last && percent <= last.percent)
      return wrong(`is not ascending at ${JSON.stringify(entry)}`);
    thresholds.push(Object.freeze({ percent, level: level === "critical" ? level : "warning" }));
  }
  return value(Object.freeze(thresholds));
}

/** A name of the IANA time zone database. */
export function zoneSettingOf(text: string): Parsed<Zone> {
  const zone = zoneOf(text);
  if (zone !== undefined) return value(zone);
  return wrong(`is ${JSON.stringify(text)}, which is no name of the IANA time zone database`);
}

function entriesOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}
