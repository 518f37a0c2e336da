import type { Brand } from "./brand.ts";

/** An ISO 4217 code, or one that the operator added (EXTRA_CURRENCIES). */
export type Currency = Brand<string, "Currency">;

/** Codes by number of decimal digits of the minor unit; source: ISO 4217 list one, without metals, funds of no country and test codes. */
const codesByDigits: Readonly<Record<number, string>> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  2:
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP " +
    "BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR " +
    "FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW " +
    "KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN " +
    "NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD " +
    "SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS " +
    "VED VES WST XCD XCG YER ZAR ZMW ZWG",
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};

const isoDigits: ReadonlyMap<string, number> = new Map(
  Object.entries(codesByDigits).flatMap(([digits, codes]) =>
    codes.split(" ").map((code): [string, number] => [code, Number(digits)]),
  ),
);

/** The currencies that are taken, each with the decimal digits of its minor unit. */
export type Currencies = ReadonlyMap<string, number>;

/** ISO 4217 and the operator's own; an own code wins over a listed one. */
export function currenciesWith(extra: ReadonlyMap<string, number>): Currencies {
  return new Map([...isoDigits, ...extra]);
}

/** @returns undefined when the code is not one of the currencies */
export function currencyOf(currencies: Currencies, code: string): Currency | undefined {
  return currencies.has(code) ? (code as Currency) : undefined;
}
