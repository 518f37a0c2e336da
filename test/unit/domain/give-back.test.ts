import test from "ava";
import { totalMax } from "../../../src/domain/money.ts";
import { effectsMax } from "../../../src/domain/order.ts";
import { rolled } from "../../../src/domain/quota.ts";
import { decide } from "../../../src/domain/decide.ts";
import { LoneMerchant } from "../../support/lone-merchant.ts";
import {
  adjust,
  at,
  confirm,
  consume,
  limits,
  release,
  reserve,
  reset,
  settle,
  suspend,
  turn,
} from "../../support/quota-builders.ts";

test("a cancelled order gives all of it back, and is no longer pending", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n));

  const decision = merchant.ask(release("A-1"));

  t.like(decision, { kind: "accepted", fact: { action: "release", amount: 250n } });
  const window = { used: 0n, refunded: 250n, count: 1 };
  t.like(merchant.quota, { windows: { daily: window, monthly: window, yearly: window } });
  t.like(merchant.quota, { pending: 0n });
});

test("an order is given back in slices, each with its own refund_no", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n));

  merchant.did(release("A-1", 100n, "R-1"), release("A-1", 100n, "R-2"));

  t.like(merchant.quota, { windows: { daily: { used: 50n, refunded: 200n } }, pending: 50n });
  t.like(merchant.ask(release("A-1", 51n, "R-3")), {
    refusal: { code: "RELEASE_EXCEEDS_CONSUMED", limit: 50n, requested: 51n },
  });
  t.like(merchant.ask(release("A-1", 50n, "R-3")), { kind: "accepted" });
});

test("no amount gives back all that is left, and then nothing is left", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n), release("A-1", 100n, "R-1"));

  t.like(merchant.ask(release("A-1", undefined, "R-2")), { fact: { amount: 150n } });
  t.like(merchant.ask(release("A-1", undefined, "R-3")), {
    refusal: { code: "RELEASE_EXCEEDS_CONSUMED", limit: 0n },
  });
});

test("no more is given back of a hold than was confirmed", (t) => {
  const merchant = new LoneMerchant().did(reserve("A-1", 250n), confirm("A-1", 100n));

  t.like(merchant.ask(release("A-1", 101n)), {
    refusal: { code: "RELEASE_EXCEEDS_CONSUMED", limit: 100n, requested: 101n },
  });
  t.like(merchant.ask(release("A-1", 100n)), { kind: "accepted" });
});

test("without a refund_no the order itself is the number of the refund", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n), release("A-1", 100n));

  t.like(merchant.ask(release("A-1", 100n)), { kind: "duplicate", receipt: { version: 2 } });
  t.like(merchant.ask(release("A-1", 50n)), {
    refusal: {
      code: "ORDER_CONFLICT",
      message: "give a refund_no for a further refund",
      used: 100n,
      requested: 50n,
    },
  });
  t.like(merchant.ask(release("A-1", 50n, "R-1")), { kind: "accepted" });
});

test("the same refund_no with another amount is a conflict", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n), release("A-1", 100n, "R-1"));

  t.like(merchant.ask(release("A-1", 100n, "R-1")), { kind: "duplicate", receipt: { version: 2 } });
  t.like(merchant.ask(release("A-1", 99n, "R-1")), { refusal: { code: "ORDER_CONFLICT" } });
});

test("a repeat without amount is the same only if the first left nothing", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n), consume("A-2", 250n));
  merchant.did(release("A-1", 100n), release("A-2", 250n), consume("A-3", 9n), release("A-3"));

  t.like(merchant.ask(release("A-1")), { refusal: { code: "ORDER_CONFLICT" } });
  t.like(merchant.ask(release("A-2")), { kind: "duplicate", receipt: { version: 4 } });
  t.like(merchant.ask(release("A-3")), { kind: "duplicate", receipt: { version: 6 } });
  t.like(merchant.ask(release("A-3", 9n)), { kind: "duplicate", receipt: { version: 6 } });
});

test("a refund after midnight does not refill the new day", (t) => {
  const merchant = new LoneMerchant({ on: "2026-11-22T23:59:59Z" }).did(consume("A-1", 200n));
  merchant.moveTo("2026-11-23T00:00:01Z");
  merchant.did(consume("A-2", 300n));

  merchant.did(release("A-1"));

  t.like(merchant.quota, {
    windows: {
      daily: { used: 300n, refunded: 200n },
      monthly: { used: 300n, refunded: 200n },
      yearly: { used: 300n, refunded: 200n },
    },
    pending: 300n,
  });
});

test("a refund after new year gives nothing back at all, but settles its part of pending", (t) => {
  const merchant = new LoneMerchant({ on: "2026-12-31T23:59:59Z" }).did(consume("A-1", 200n));
  merchant.moveTo("2027-01-01T00:00:00Z");
  merchant.did(consume("A-2", 300n), release("A-1"));

  const window = { used: 300n, refunded: 200n };
  t.like(merchant.quota, { windows: { daily: window, monthly: window, yearly: window } });
  t.like(merchant.quota, { pending: 300n });
});

test("a refund after a reset gives nothing back to the period begun anew", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 200n), reset("monthly"));
  merchant.did(consume("A-2", 300n), release("A-1"));

  t.like(merchant.quota, {
    windows: { daily: { used: 300n }, monthly: { used: 300n }, yearly: { used: 300n } },
  });
});

test("the refund of a hold goes to the day that it was held in, not the day it was confirmed", (t) => {
  const merchant = new LoneMerchant({ on: "2026-11-22T23:59:59Z" }).did(reserve("A-1", 200n));
  merchant.moveTo("2026-11-23T00:00:01Z");
  merchant.did(confirm("A-1"), consume("A-2", 300n), release("A-1"));

  t.like(merchant.quota, { windows: { daily: { used: 300n }, monthly: { used: 300n } } });
});

test("a refund after an adjustment takes used to zero and no further", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 200n), adjust({ daily: -150n }));

  const decision = merchant.ask(release("A-1"));

  t.like(decision, { fact: { change: { used: { daily: -50n, monthly: -200n, yearly: -200n } } } });
  t.like(merchant.quota, { windows: { daily: { used: 0n, refunded: 200n } } });
});

test("a suspended merchant's customers get their money back", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 200n), suspend());

  t.like(merchant.ask(release("A-1", 100n, "R-1")), { kind: "accepted" });
  t.like(merchant.ask(settle("A-1")), { kind: "accepted" });
});

test("an order that was never taken gives nothing back and is not settled", (t) => {
  const merchant = new LoneMerchant();

  t.like(merchant.ask(release("A-1")), { refusal: { code: "ORDER_NOT_FOUND" } });
  t.like(merchant.ask(settle("A-1")), { refusal: { code: "ORDER_NOT_FOUND" } });
});

for (const window of ["daily", "monthly"] as const) {
  const code = `REFUND_${window === "daily" ? "DAILY" : "MONTHLY"}_LIMIT_EXCEEDED`;
  const fitsAt = at(window === "daily" ? "2026-11-23T00:00:00Z" : "2026-12-01T00:00:00Z");

  test(`the ${window} refund limit is reached to the last unit and not one further`, (t) => {
    const merchant = new LoneMerchant({ limits: limits({ refunds: { [window]: 100n } }) });
    merchant.did(consume("A-1", 200n), release("A-1", 60n, "R-1"));

    t.like(merchant.ask(release("A-1", 41n, "R-2")), {
      refusal: { code, window, limit: 100n, used: 60n, requested: 41n, fitsAt },
    });
    t.like(merchant.ask(release("A-1", 101n, "R-2")), { refusal: { code, fitsAt: null } });
    t.like(merchant.ask(release("A-1", 40n, "R-2")), { kind: "accepted" });
    merchant.moveTo(fitsAt);
    t.like(merchant.ask(release("A-1", 100n, "R-3")), { kind: "accepted" });
  });
}

test("a refund refused for today says when the month lets it through too", (t) => {
  const merchant = new LoneMerchant({ limits: limits({ refunds: { daily: 50n, monthly: 60n } }) });
  merchant.did(consume("A-1", 200n), release("A-1", 50n, "R-1"));

  t.like(merchant.ask(release("A-1", 11n, "R-2")), {
    refusal: { code: "REFUND_DAILY_LIMIT_EXCEEDED", fitsAt: at("2026-12-01T00:00:00Z") },
  });
});

test("the sum of refunds goes up to 2^63 - 1 and not one further", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", totalMax), release("A-1"));
  merchant.did(consume("A-2", 10n));

  t.like(merchant.ask(release("A-2", 1n)), {
    refusal: { code: "AMOUNT_OVERFLOW", limit: totalMax, requested: 1n },
  });
});

test("a settled order is no longer pending, and answers its first receipt again", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 200n), consume("A-2", 5n));

  t.like(merchant.ask(settle("A-1")), { fact: { action: "settle", amount: 200n } });
  t.like(merchant.quota, { windows: { daily: { used: 205n } }, pending: 5n });
  t.like(merchant.ask(settle("A-1")), { kind: "duplicate", receipt: { version: 3, pending: 5n } });
});

test("only what is neither given back nor settled is pending", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 200n), release("A-1", 50n, "R-1"));
  t.like(merchant.quota, { pending: 150n });

  merchant.did(settle("A-1"));
  t.like(merchant.quota, { pending: 0n });
  t.like(merchant.order("A-1"), { settled: 150n, released: 50n });

  merchant.did(release("A-1", undefined, "R-2"));
  t.like(merchant.quota, { pending: 0n, windows: { daily: { used: 0n } } });
});

test(`an order takes ${effectsMax} operations and then no further refund`, (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 1_000n));
  for (let n = 1; n < effectsMax; n++) merchant.did(release("A-1", 1n, `R-${n}`));

  t.like(merchant.ask(release("A-1", 1n, "R-x")), { refusal: { code: "ORDER_CONFLICT" } });
  t.like(merchant.ask(release("A-1", 1n, "R-7")), { kind: "duplicate" });
});

test("a refund lowers the day that still counts after a move to a zone further west", (t) => {
  const on = "2026-11-22T12:00:00Z";
  const merchant = new LoneMerchant({ on, limits: limits({ zone: "Pacific/Kiritimati" }) });
  merchant.did(consume("A-1", 200n));
  const west = turn(on, limits({ zone: "Pacific/Pago_Pago" }));

  const decision = decide(merchant.stored, merchant.order("A-1"), release("A-1"), west);

  t.like(rolled(merchant.stored, west.calendar), { windows: { daily: { period: "2026-11-23" } } });
  t.like(decision, { fact: { change: { used: { daily: -200n } } } });
});

test("a refund that bears the order's own number is the one that bore none", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n), release("A-1", 100n));

  t.like(merchant.ask(release("A-1", 100n, "A-1")), { kind: "duplicate" });
  t.like(merchant.ask(release("A-1", 50n, "A-1")), { refusal: { code: "ORDER_CONFLICT" } });
});
