import test from "ava";
import fc from "fast-check";

import {
  consumed,
  ordersWith,
  type PastOrder,
  released,
} from "../../../../ops/legacy/past-order.ts";
import { logFrom } from "../../../../ops/legacy/row.ts";
import { minor, zero } from "../../../../src/domain/money.ts";
import { type Order, type Receipt, unreleased, unsettled } from "../../../../src/domain/order.ts";
import { calendarAt, perWindow } from "../../../../src/domain/period.ts";
import { existing, midday, zone } from "../../../support/quota-builders.ts";

const receipt: Receipt = {
  logId: "id",
  version: 0,
  used: { daily: zero, monthly: zero, yearly: zero },
  pending: zero,
  reserved: zero,
  transactionsToday: 0,
  remaining: { daily: null, monthly: null, yearly: null },
  limitsSource: "last_known",
  policyVersion: null,
};

/** A row of the old log, `minutes` after midday. */
function rowOf(action: string, amount: bigint, minutes: number) {
  const log = logFrom({
    merchant_id: "M-1",
    id: `${action}-${minutes}`,
    action_type: action,
    amount: String(amount),
    created_us: BigInt(midday + minutes * 60_000) * 1_000n,
  });
  if (log.kind === "bad") throw new Error(log.reason);
  const calendar = calendarAt(log.value.at, zone("UTC"));
  return { log: log.value, periods: perWindow((name) => calendar[name].period), receipt };
}

/** What the rows come to, with the merchant's pending amount. */
function ordersOf(rows: readonly (readonly [string, string, bigint])[], pending: bigint) {
  const past = new Map<string, PastOrder>();
  const oddities: string[] = [];
  for (const [minutes, [ref, action, amount]] of rows.entries()) {
    const row = rowOf(action, amount, minutes);
    const { order, oddity } = (action === "consume" ? consumed : released)(past.get(ref), ref, row);
    past.set(ref, order);
    if (oddity) oddities.push(oddity);
  }
  const orders: readonly Order[] = ordersWith(minor(pending), past.values()).map(
    ({ order }) => order,
  );
  return { orders, oddities };
}

test("the newest orders are pending, as far as the merchant's pending amount goes", (t) => {
  const { orders } = ordersOf(
    [
      ["A-1", "consume", 100n],
      ["A-2", "consume", 100n],
      ["A-3", "consume", 100n],
    ],
    150n,
  );

  t.deepEqual(
    orders.map((order) => [order.ref, unsettled(order)]),
    [
      ["A-3", 100n],
      ["A-2", 50n],
      ["A-1", 0n],
    ],
  );
});

test("an order that was given back more than it took is empty, and told", (t) => {
  const { orders, oddities } = ordersOf(
    [
      ["A-1", "consume", 100n],
      ["A-1", "release", 60n],
      ["A-1", "release", 60n],
    ],
    0n,
  );

  t.is(unreleased(existing(orders[0])), zero);
  t.deepEqual(oddities, ["released_too_much"]);
});

test("a first release goes by the order's number, later ones by one that nobody can send", (t) => {
  const { orders } = ordersOf(
    [
      ["A-1", "consume", 100n],
      ["A-1", "release", 30n],
      ["A-1", "release", 70n],
    ],
    0n,
  );

  const [, first, second] = existing(orders[0]).effects;
  t.like(first, { action: "release", ref: "A-1", amount: 30n, whole: false });
  t.like(second, { action: "release", amount: 70n, whole: true });
  t.true(existing(second?.ref).includes(" "));
});

test("an order whose consume was pruned is known, and there is nothing left to give back", (t) => {
  const { orders, oddities } = ordersOf([["A-1", "release", 30n]], 1_000n);

  t.like(orders[0], { amount: 30n, released: 30n, settled: 0n });
  t.like(existing(orders[0]).effects[0], { action: "consume", amount: 30n });
  t.deepEqual(oddities, ["consume_unknown"]);
});

test("giving all orders back never takes more off what is pending than is pending", (t) => {
  const aRow = fc.tuple(
    fc.constantFrom("A-1", "A-2", "A-3", "A-4"),
    fc.constantFrom("consume", "consume", "release"),
    fc.bigInt(0n, 1_000n),
  );
  fc.assert(
    fc.property(fc.array(aRow, { maxLength: 20 }), fc.bigInt(0n, 5_000n), (rows, pending) => {
      const { orders } = ordersOf(rows, pending);

      let taken = 0n;
      for (const order of orders) {
        t.true(order.released <= order.amount && order.settled <= order.amount);
        taken += unsettled(order);
      }
      t.true(taken <= pending);
    }),
  );
});
