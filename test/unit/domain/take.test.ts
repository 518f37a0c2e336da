import test from "ava";
import { totalMax } from "../../../src/domain/money.ts";
import { LoneMerchant } from "../../support/lone-merchant.ts";
import {
  at,
  cancel,
  confirm,
  consume,
  limits,
  release,
  reserve,
  suspend,
} from "../../support/quota-builders.ts";

test("an order is taken in the day, the month and the year, and is pending", (t) => {
  const merchant = new LoneMerchant();

  const decision = merchant.ask(consume("A-1", 250n));

  t.like(decision, { kind: "accepted", fact: { action: "consume", amount: 250n, orderNo: "A-1" } });
  t.like(merchant.quota, {
    windows: {
      daily: { period: "2026-11-22", used: 250n, held: 0n, count: 1 },
      monthly: { period: "2026-11", used: 250n, count: 1 },
      yearly: { period: "2026", used: 250n, count: 1 },
    },
    pending: 250n,
    reserved: 0n,
    lastOrderNo: "A-1",
    lastUpdatedBy: "ann",
    version: 1,
  });
});

test("an order held keeps its place in every window, and is reserved, not pending", (t) => {
  const merchant = new LoneMerchant();

  merchant.did(reserve("A-1", 250n, 1_000));

  t.like(merchant.quota, {
    windows: { daily: { used: 0n, held: 250n, count: 1 }, yearly: { used: 0n, held: 250n } },
    pending: 0n,
    reserved: 250n,
  });
  const expiresAt = at("2026-11-22T12:00:01Z");
  t.like(merchant.order("A-1"), { amount: 0n, hold: { state: "open", amount: 250n, expiresAt } });
});

test("the same order again answers its first receipt and changes nothing", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n), consume("A-2", 1n));
  const before = merchant.quota;

  const decision = merchant.ask(consume("A-1", 250n));

  t.like(decision, { kind: "duplicate", receipt: { logId: "log-1", version: 1, pending: 250n } });
  t.is(merchant.quota.version, before.version);
});

test("a repeat is answered though the key is suspended and full by now", (t) => {
  const merchant = new LoneMerchant({ limits: limits({ daily: 100n }) });
  merchant.did(consume("A-1", 60n), reserve("A-2", 40n), suspend());

  t.like(merchant.ask(consume("A-1", 60n)), { kind: "duplicate", receipt: { version: 1 } });
  t.like(merchant.ask(reserve("A-2", 40n)), { kind: "duplicate", receipt: { version: 2 } });
});

test("a repeat is answered days later, when the periods have turned", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 60n));
  merchant.moveTo("2027-01-02T00:00:00Z");

  t.like(merchant.ask(consume("A-1", 60n)), { kind: "duplicate", receipt: { version: 1 } });
  t.like(merchant.quota, { windows: { yearly: { used: 0n } } });
});

test("an order taken with another amount is a conflict, with both amounts", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n));

  const decision = merchant.ask(consume("A-1", 251n));

  t.like(decision, {
    kind: "refused",
    refusal: { code: "ORDER_CONFLICT", used: 250n, requested: 251n },
  });
});

test("an order held with another amount is a conflict, with both amounts", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n));

  const decision = merchant.ask(reserve("A-1", 249n));

  t.like(decision, { refusal: { code: "ORDER_CONFLICT", reserved: 250n, requested: 249n } });
});

test("an order that was taken cannot be held", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n));

  t.like(merchant.ask(reserve("A-1", 250n)), { refusal: { code: "ORDER_CONFLICT" } });
});

test("an order that is held is confirmed, not taken", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n, 1_000));

  t.like(merchant.ask(consume("A-1", 250n)), { refusal: { code: "ORDER_RESERVED" } });
});

test("an order whose hold is over is not taken, dropped by the owner already or not", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n, 1_000));
  merchant.wait(1_000);

  t.like(merchant.ask(consume("A-1", 250n)), { refusal: { code: "RESERVATION_EXPIRED" } });
});

test("an order whose hold was cancelled is not taken", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n), cancel("A-1"));

  t.like(merchant.ask(consume("A-1", 250n)), { refusal: { code: "RESERVATION_CLOSED" } });
});

test("an order that was confirmed is not taken once more", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n), confirm("A-1"));

  t.like(merchant.ask(consume("A-1", 250n)), { refusal: { code: "ORDER_CONFLICT" } });
});

test("a refused order may be tried again and is decided anew", (t) => {
  const merchant = new LoneMerchant({ limits: limits({ daily: 100n }) });
  merchant.did(consume("A-1", 80n));

  t.like(merchant.ask(consume("A-2", 30n)), { refusal: { code: "DAILY_LIMIT_EXCEEDED" } });
  merchant.did(release("A-1", 20n));
  t.like(merchant.ask(consume("A-2", 30n)), { kind: "accepted" });
});

test("a total goes up to 2^63 - 1 and not one further", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", totalMax - 10n), reserve("A-2", 9n));

  t.like(merchant.ask(consume("A-3", 2n)), {
    refusal: { code: "AMOUNT_OVERFLOW", limit: totalMax, requested: 2n, fitsAt: null },
  });
  t.like(merchant.ask(consume("A-3", 1n)), { kind: "accepted" });
});

test("pending and reserved together cannot overflow when the day is new", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", totalMax - 1n));
  merchant.moveTo("2027-06-01T00:00:00Z");

  t.like(merchant.ask(reserve("A-2", 2n)), { refusal: { code: "AMOUNT_OVERFLOW" } });
  t.like(merchant.ask(reserve("A-2", 1n)), { kind: "accepted" });
});
