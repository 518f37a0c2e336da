import test from "ava";
import { LoneMerchant } from "../../support/lone-merchant.ts";
import {
  cancel,
  confirm,
  consume,
  expire,
  limits,
  release,
  reserve,
  reset,
  settle,
  suspend,
} from "../../support/quota-builders.ts";

const minute = 60_000;

test("a confirmed hold is taken: what was held is used and pending", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n));

  const decision = merchant.ask(confirm("A-1"));

  t.like(decision, { kind: "accepted", fact: { action: "confirm", amount: 250n } });
  t.like(merchant.quota, {
    windows: { daily: { used: 250n, held: 0n, count: 1 }, yearly: { used: 250n, held: 0n } },
    pending: 250n,
    reserved: 0n,
  });
  t.like(merchant.order("A-1"), { amount: 250n, hold: { state: "confirmed", amount: 250n } });
});

test("a part may be confirmed, and the rest returns", (t) => {
  const merchant = new LoneMerchant({ limits: limits({ daily: 250n }) }).did(reserve("A-1", 250n));

  merchant.did(confirm("A-1", 100n));

  t.like(merchant.quota, {
    windows: { daily: { used: 100n, held: 0n, count: 1 } },
    pending: 100n,
    reserved: 0n,
  });
  t.like(merchant.ask(consume("A-2", 151n)), { refusal: { code: "DAILY_LIMIT_EXCEEDED" } });
  t.like(merchant.ask(consume("A-2", 150n)), { kind: "accepted" });
});

test("more than was held is not confirmed", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n));

  t.like(merchant.ask(confirm("A-1", 251n)), {
    refusal: { code: "ORDER_CONFLICT", reserved: 250n, requested: 251n },
  });
  t.like(merchant.ask(confirm("A-1", 250n)), { kind: "accepted" });
});

test("confirming again, with all or the same amount, answers the first receipt", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n), confirm("A-1"), consume("B", 1n));

  t.like(merchant.ask(confirm("A-1")), { kind: "duplicate", receipt: { version: 2 } });
  t.like(merchant.ask(confirm("A-1", 250n)), { kind: "duplicate", receipt: { version: 2 } });
});

test("confirming again with another amount is a conflict", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n), confirm("A-1", 100n));

  t.like(merchant.ask(confirm("A-1", 101n)), {
    refusal: { code: "ORDER_CONFLICT", used: 100n, requested: 101n },
  });
  t.like(merchant.ask(confirm("A-1")), { refusal: { code: "ORDER_CONFLICT" } });
  t.like(merchant.ask(confirm("A-1", 100n)), { kind: "duplicate" });
});

test("holding again after it was confirmed answers the first receipt and holds nothing", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n), confirm("A-1"));

  t.like(merchant.ask(reserve("A-1", 250n)), { kind: "duplicate", receipt: { reserved: 250n } });
  t.like(merchant.quota, { reserved: 0n });
});

test("a cancelled hold returns its amount and its place among the orders", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n));

  const decision = merchant.ask(cancel("A-1"));

  t.like(decision, { kind: "accepted", fact: { action: "cancel", amount: 250n } });
  const window = { used: 0n, held: 0n, count: 0 };
  t.like(merchant.quota, { windows: { daily: window, monthly: window, yearly: window } });
  t.like(merchant.quota, { reserved: 0n, pending: 0n });
  t.like(merchant.ask(cancel("A-1")), { kind: "duplicate", receipt: { version: 2 } });
});

test("a cancelled hold is not confirmed, given back or settled", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n), cancel("A-1"));

  for (const command of [confirm("A-1"), release("A-1"), settle("A-1")]) {
    t.like(merchant.ask(command), { refusal: { code: "RESERVATION_CLOSED" } }, command.kind);
  }
});

test("a confirmed hold is not cancelled", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n), confirm("A-1"));

  t.like(merchant.ask(cancel("A-1")), { refusal: { code: "RESERVATION_CLOSED" } });
});

test("an open hold is neither given back nor settled", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n));

  t.like(merchant.ask(release("A-1")), { refusal: { code: "ORDER_RESERVED" } });
  t.like(merchant.ask(settle("A-1")), { refusal: { code: "ORDER_RESERVED" } });
});

test("a hold lasts to the last millisecond of its time", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n, minute));

  merchant.wait(minute - 1);
  t.like(merchant.ask(expire("A-1")), { refusal: { code: "RESERVATION_CLOSED" } });
  t.like(merchant.decided(confirm("A-1")), { kind: "accepted" });
  merchant.wait(1);
  t.like(merchant.decided(confirm("A-1")), { refusal: { code: "RESERVATION_EXPIRED" } });
  t.like(merchant.decided(cancel("A-1")), { refusal: { code: "RESERVATION_EXPIRED" } });
  t.like(merchant.decided(release("A-1")), { refusal: { code: "RESERVATION_EXPIRED" } });
  t.like(merchant.decided(settle("A-1")), { refusal: { code: "RESERVATION_EXPIRED" } });
});

test("a hold whose time is over is dropped once, and returns amount and place", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n, minute));
  merchant.wait(minute);

  merchant.did(expire("A-1"));

  t.like(merchant.quota, { windows: { daily: { held: 0n, count: 0 } }, reserved: 0n });
  t.like(merchant.order("A-1"), { amount: 0n, hold: { state: "expired" } });
  t.like(merchant.ask(expire("A-1")), { refusal: { code: "RESERVATION_CLOSED" } });
  t.like(merchant.ask(confirm("A-1")), { refusal: { code: "RESERVATION_EXPIRED" } });
});

test("a hold over midnight keeps no place in the new day, but still in month and year", (t) => {
  const merchant = new LoneMerchant({ on: "2026-11-22T23:59:59Z" });
  merchant.did(reserve("A-1", 250n, minute));
  merchant.moveTo("2026-11-23T00:00:00Z");

  t.like(merchant.quota, {
    windows: { daily: { held: 0n, count: 0 }, monthly: { held: 250n, count: 1 } },
    reserved: 250n,
  });
});

test("a hold confirmed after midnight is charged to the day that it was held in", (t) => {
  const merchant = new LoneMerchant({ on: "2026-11-22T23:59:59Z" });
  merchant.did(reserve("A-1", 250n, minute));
  merchant.moveTo("2026-11-23T00:00:01Z");

  merchant.did(confirm("A-1"));

  t.like(merchant.quota, {
    windows: {
      daily: { used: 0n, held: 0n, count: 0 },
      monthly: { used: 250n, held: 0n, count: 1 },
      yearly: { used: 250n, held: 0n, count: 1 },
    },
    pending: 250n,
    reserved: 0n,
  });
  t.like(merchant.order("A-1"), { charged: { daily: "2026-11-22" } });
});

test("a hold dropped after new year takes nothing from the new periods", (t) => {
  const merchant = new LoneMerchant({ on: "2026-12-31T23:59:30Z" });
  merchant.did(reserve("A-1", 250n, minute));
  merchant.moveTo("2027-01-01T00:00:10Z");
  merchant.did(consume("A-2", 10n), cancel("A-1"));

  const window = { used: 10n, held: 0n, count: 1 };
  t.like(merchant.quota, { windows: { daily: window, monthly: window, yearly: window } });
  t.like(merchant.quota, { reserved: 0n });
});

test("a hold confirmed after a reset is not charged to the period begun anew", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n), reset("daily"));

  merchant.did(confirm("A-1"));

  t.like(merchant.quota, {
    windows: { daily: { used: 0n, held: 0n, count: 0 }, monthly: { used: 250n, held: 0n } },
    reserved: 0n,
  });
});

test("suspension and lowered limits stop neither confirming nor cancelling: the place was kept", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n), reserve("A-2", 1n), suspend());
  merchant.limitTo(limits({ daily: 10n, single: { max: 1n } }));

  t.like(merchant.ask(confirm("A-1")), { kind: "accepted" });
  t.like(merchant.ask(cancel("A-2")), { kind: "accepted" });
});

test("what was never held is not found, and what was taken outright is a conflict", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n));

  for (const command of [confirm("A-2"), cancel("A-2"), expire("A-2")]) {
    t.like(merchant.ask(command), { refusal: { code: "ORDER_NOT_FOUND" } }, command.kind);
  }
  for (const command of [confirm("A-1"), cancel("A-1"), expire("A-1")]) {
    t.like(merchant.ask(command), { refusal: { code: "ORDER_CONFLICT" } }, command.kind);
  }
});
