import test from "ava";

import { Shelf } from "../../../shards/shelf.ts";
import type { Order } from "../../../src/domain/order.ts";
import { minor, zero } from "../../../src/domain/money.ts";
import { perWindow, periodOf } from "../../../src/domain/period.ts";

function order(amount: bigint): Order {
  const charged = perWindow(() => periodOf("2026"));
  const nothing = { released: zero, settled: zero, hold: null, effects: [] };
  return { ref: "A-1", amount: minor(amount), charged, ...nothing };
}

test("an order stays until the tables have its last change", (t) => {
  const shelf = new Shelf();
  shelf.put("M-1 USD A-1", order(1n), 1);
  shelf.put("M-1 USD A-2", order(7n), 1);
  shelf.put("M-1 USD A-1", order(2n), 3);

  shelf.letGo(2);

  t.is(shelf.get("M-1 USD A-1")?.amount, minor(2n));
  t.is(shelf.get("M-1 USD A-2"), undefined);
  shelf.letGo(3);
  t.is(shelf.get("M-1 USD A-1"), undefined);
});
