import test from "ava";
import { apply } from "../../../src/domain/apply.ts";
import { decide } from "../../../src/domain/decide.ts";
import { LoneMerchant } from "../../support/lone-merchant.ts";
import {
  adjust,
  at,
  consume,
  existing,
  limits,
  quotaWith,
  release,
  reserve,
  reset,
  suspend,
  turn,
} from "../../support/quota-builders.ts";

/** Freezes a value to its leaves, so that a write would throw. */
function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

test("deciding changes nothing: neither quota, order, command nor turn", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n));
  const quota = frozen(merchant.stored);
  const order = frozen(merchant.order("A-1"));

  const decision = decide(quota, order, frozen(release("A-1")), frozen(turn()));

  t.is(decision.kind, "accepted");
});

test("asked twice the same, it answers twice the same", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 250n));

  t.deepEqual(merchant.decided(release("A-1")), merchant.decided(release("A-1")));
});

test("a fact bears the periods that run from it on, so that a day's first order turns the day", (t) => {
  const quota = quotaWith({ used: 500n });
  const tomorrow = turn("2026-11-23T00:00:00Z");

  const decision = decide(quota, undefined, consume("A-1", 1n), tomorrow);

  t.like(decision, {
    fact: {
      at: at("2026-11-23T00:00:00Z"),
      periods: { daily: "2026-11-23", monthly: "2026-11", yearly: "2026" },
      order: { ref: "A-1", charged: { daily: "2026-11-23" } },
    },
  });
  if (decision.kind === "accepted") {
    t.like(apply(quota, decision.fact).windows, { daily: { used: 1n }, monthly: { used: 501n } });
  }
});

test("a refusal changes nothing, not even the version", (t) => {
  const merchant = new LoneMerchant({ limits: limits({ daily: 1n }) }).did(suspend());
  const before = merchant.stored;

  merchant.ask(consume("A-1", 1n));

  t.is(merchant.stored, before);
});

test("every accepted change counts one version, and tells who and when", (t) => {
  const merchant = new LoneMerchant();
  merchant.did(consume("A-1", 1n), reserve("A-2", 1n), adjust({ daily: 1n }), reset("daily"));
  merchant.moveTo("2026-11-22T13:00:00Z");
  merchant.did(suspend());

  t.like(merchant.quota, {
    version: 5,
    createdAt: at("2026-11-22T12:00:00Z"),
    updatedAt: at("2026-11-22T13:00:00Z"),
    lastUpdatedBy: "ann",
    lastOrderNo: "A-2",
  });
});

test("the payment that came last is kept, and an order without one does not erase it", (t) => {
  const merchant = new LoneMerchant();
  merchant.did({ ...consume("A-1", 1n), paymentNo: "P-1" }, consume("A-2", 1n));

  t.like(merchant.quota, { lastPaymentNo: "P-1", lastOrderNo: "A-2" });
});

test("facts applied to an empty quota one by one give what the merchant has", (t) => {
  const merchant = new LoneMerchant({ limits: limits({ daily: 100n }) });
  const start = merchant.stored;
  merchant.did(consume("A-1", 90n), release("A-1", 5n), reset("daily"), reserve("A-2", 7n));

  const replayed = merchant.facts.reduce((quota, { fact }) => apply(quota, fact), start);

  t.deepEqual(replayed, merchant.stored);
  t.is(existing(merchant.facts.at(-1)).receipt.version, 4);
});
