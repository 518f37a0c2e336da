import test from "ava";
import type { Fact } from "../../../src/domain/fact.ts";
import {
  effectOf,
  orderAfter,
  orderKeyOf,
  orderRefOf,
  unreleased,
  unsettled,
} from "../../../src/domain/order.ts";
import { LoneMerchant } from "../../support/lone-merchant.ts";
import {
  adjust,
  cancel,
  confirm,
  consume,
  existing,
  expire,
  key,
  release,
  reserve,
  reset,
  resume,
  settle,
  suspend,
} from "../../support/quota-builders.ts";

test("what is done under an order_no is kept under it, in order, each with its receipt", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n), consume("B-1", 1n));
  merchant.did(confirm("A-1", 200n), release("A-1", 50n, "R-1"), settle("A-1"));

  const order = merchant.order("A-1");

  t.like(order, { ref: "A-1", amount: 200n, released: 50n, settled: 150n });
  t.deepEqual(
    order.effects.map(({ action, ref, amount, whole, receipt }) => ({
      action,
      ref,
      amount: Number(amount),
      whole,
      version: receipt.version,
    })),
    [
      { action: "reserve", ref: null, amount: 250, whole: true, version: 1 },
      { action: "confirm", ref: null, amount: 200, whole: false, version: 3 },
      { action: "release", ref: "R-1", amount: 50, whole: false, version: 4 },
      { action: "settle", ref: null, amount: 150, whole: true, version: 5 },
    ],
  );
  t.is(merchant.order("B-1").effects.length, 1);
});

test("an effect is found by its action and its number", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n), release("A-1", 50n, "R-1"));
  const order = merchant.order("A-1");

  t.like(effectOf(order, "release", "R-1"), { amount: 50n });
  t.is(effectOf(order, "release"), undefined);
  t.is(effectOf(order, "settle"), undefined);
  t.like(effectOf(order, "consume"), { amount: 250n });
});

test("what is left to give back and to settle follows the order", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n), release("A-1", 50n, "R-1"));
  const left = () =>
    [unreleased(merchant.order("A-1")), unsettled(merchant.order("A-1"))].map(Number);

  t.deepEqual(left(), [200, 200]);
  merchant.did(settle("A-1"));
  t.deepEqual(left(), [200, 0]);
  merchant.did(release("A-1", 30n, "R-2"));
  t.deepEqual(left(), [170, 0]);
});

test("commands of an order go by its order_no, corrections by their own number, the rest by none", (t) => {
  for (const command of [
    consume("A-1", 1n),
    reserve("A-1", 1n),
    confirm("A-1"),
    cancel("A-1"),
    expire("A-1"),
    release("A-1", 1n, "R-1"),
    settle("A-1"),
  ]) {
    t.is(orderRefOf(command), "A-1", command.kind);
  }
  t.is(orderRefOf(adjust({}, "A-1")), "adjust A-1");
  for (const command of [adjust({}), reset("daily"), suspend(), resume()]) {
    t.is(orderRefOf(command), null, command.kind);
  }
});

test("the same order_no of two merchants or currencies is two orders", (t) => {
  const names = [key("M-1", "USD"), key("M-2", "USD"), key("M-1", "EUR")].map((of) =>
    orderKeyOf(of, "A-1"),
  );

  t.deepEqual(names, ["M-1 USD A-1", "M-2 USD A-1", "M-1 EUR A-1"]);
});

test("a fact without an order makes none", (t) => {
  const merchant = new LoneMerchant().did(suspend());
  const { fact, receipt } = existing<{ fact: Fact; receipt: Parameters<typeof orderAfter>[2] }>(
    merchant.facts[0],
  );

  t.throws(() => orderAfter(undefined, fact, receipt), { message: /belongs to no order/ });
});
