import test from "ava";

import { amountFrom, amountText, percentOf } from "../../../../ops/console/amount.ts";

test("an amount has the decimals of its currency, at any size", (t) => {
  t.is(amountText(1_234_567n, 2, "en"), "12,345.67");
  t.is(amountText(1_234_567n, 0, "en"), "1,234,567");
  t.is(amountText(1_234_567n, 3, "zh"), "1,234.567");
  t.is(amountText(5n, 2, "en"), "0.05");
  t.is(amountText(-5n, 2, "en"), "\u22120.05");
  t.is(amountText(0n, 2, "en"), "0.00");
  t.is(amountText(9_007_199_254_740_993_01n, 2, "en"), "9,007,199,254,740,993.01");
});

test("an operator's amount is read as it was meant, or not at all", (t) => {
  t.is(amountFrom("12,345.67", 2), 1_234_567n);
  t.is(amountFrom("-0.5", 2), -50n);
  t.is(amountFrom("\u22120.50", 2), -50n);
  t.is(amountFrom("+ 1 000", 0), 1_000n);
  t.is(amountFrom("0.001", 3), 1n);
  for (const wrong of ["", "-", "1.234", "1e3", "one", "1.2.3", ".", "0x10"]) {
    t.is(amountFrom(wrong, 2), undefined, wrong);
  }
  t.is(amountFrom("0.5", 0), undefined);
});

test("all of a limit is said of nothing less than all of it", (t) => {
  t.is(percentOf(99_999n, 100_000n), 99.9);
  t.is(percentOf(100_000n, 100_000n), 100);
  t.is(percentOf(150_000n, 100_000n), 150);
  t.is(percentOf(0n, 0n), 0);
  t.is(percentOf(1n, 0n), 100);
  t.is(percentOf(1n, null), null);
});
