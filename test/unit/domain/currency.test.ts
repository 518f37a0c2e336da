import test from "ava";
import currencyCodes from "currency-codes";
import { currenciesWith, currencyOf } from "../../../src/domain/currency.ts";

const currencies = currenciesWith(new Map());

/** Metals, funds of no country and test codes: nobody pays with them. */
const unpayable = new Set("XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX".split(" "));

test("every currency of ISO 4217 is taken, with its decimal digits", (t) => {
  for (const { code, digits } of currencyCodes.data) {
    t.is(currencies.get(code), unpayable.has(code) ? undefined : digits, code);
  }
  t.true(currencyCodes.data.length > 170);
});

test("the currency that came after that list is taken too", (t) => {
  const listed = new Set(currencyCodes.codes());

  const further = [...currencies.keys()].filter((code) => !listed.has(code));

  t.deepEqual(further, ["XCG"]);
});

test("codes are written as ISO writes them, in capitals", (t) => {
  t.is<string | undefined, string>(currencyOf(currencies, "USD"), "USD");
  for (const text of ["usd", "USDT", "US", "", " USD", "constructor"]) {
    t.is(currencyOf(currencies, text), undefined, text);
  }
});

test("the operator may add codes, and an own code wins over a listed one", (t) => {
  const own = currenciesWith(
    new Map([
      ["USDT", 6],
      ["JPY", 2],
    ]),
  );

  t.is<string | undefined, string>(currencyOf(own, "USDT"), "USDT");
  t.is(own.get("USDT"), 6);
  t.is(own.get("JPY"), 2);
  t.is(currencies.get("JPY"), 0);
});
