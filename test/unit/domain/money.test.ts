import test from "ava";
import {
  amountMax,
  atLeastZero,
  least,
  minor,
  minus,
  totalMax,
} from "../../../src/domain/money.ts";

test("totals go as far as a bigint column, amounts as far as JSON is exact", (t) => {
  t.is(totalMax, 9_223_372_036_854_775_807n);
  t.is(amountMax, 9_007_199_254_740_991n);
});

test("amounts are exact far beyond floating point", (t) => {
  t.is(least(totalMax, totalMax - 1n), minor(9_223_372_036_854_775_806n));
  t.is(minus(minor(totalMax)), -9_223_372_036_854_775_807n);
});

test("the smaller of two amounts, whichever stands first", (t) => {
  t.is(least(1n, 2n), minor(1n));
  t.is(least(2n, 1n), minor(1n));
});

test("an amount never falls below zero", (t) => {
  t.deepEqual([-1n, 0n, 1n].map(atLeastZero), [minor(0n), minor(0n), minor(1n)]);
});
