import test from "ava";
import { minor, totalMax } from "../../../src/domain/money.ts";
import { LoneMerchant } from "../../support/lone-merchant.ts";
import {
  adjust,
  consume,
  limits,
  midday,
  release,
  reserve,
  reset,
  resume,
  suspend,
} from "../../support/quota-builders.ts";

test("an operator corrects each window by its own amount, and nothing else", (t) => {
  const merchant = new LoneMerchant().did(consume("A-1", 100n));

  merchant.did(adjust({ daily: -100n, monthly: 50n }));

  t.like(merchant.quota, {
    windows: {
      daily: { used: 0n, count: 1, refunded: 0n },
      monthly: { used: 150n, count: 1 },
      yearly: { used: 100n },
    },
    pending: 100n,
    version: 2,
    lastOrderNo: "A-1",
  });
});

for (const window of ["daily", "monthly", "yearly"] as const) {
  test(`the ${window} use is corrected to zero and not below, all or nothing`, (t) => {
    const merchant = new LoneMerchant().did(consume("A-1", 100n));

    t.like(merchant.ask(adjust({ daily: 1n, [window]: -101n })), {
      kind: "refused",
      refusal: { code: "ADJUST_BELOW_ZERO", window: null, used: 100n, requested: -101n },
    });
    t.is(merchant.quota.version, 1);
    t.like(merchant.ask(adjust({ [window]: -100n })), { kind: "accepted" });
  });
}

test("a correction may pass the limit, but not what can be counted", (t) => {
  const merchant = new LoneMerchant({ limits: limits({ daily: 10n }) }).did(reserve("A-1", 5n));

  t.like(merchant.ask(adjust({ daily: totalMax - 4n })), {
    refusal: { code: "AMOUNT_OVERFLOW", limit: totalMax, used: 0n, requested: totalMax - 4n },
  });
  t.like(merchant.ask(adjust({ daily: totalMax - 5n })), { kind: "accepted" });
});

test("a numbered correction is made once", (t) => {
  const merchant = new LoneMerchant().did(adjust({ daily: 5n }, "K-1"), consume("A-1", 1n));

  t.like(merchant.ask(adjust({ daily: 5n }, "K-1")), {
    kind: "duplicate",
    receipt: { version: 1, used: { daily: 5n, monthly: 0n } },
  });
  t.like(merchant.ask(adjust({ daily: 5n, monthly: 1n }, "K-1")), {
    refusal: { code: "ORDER_CONFLICT" },
  });
  t.like(merchant.quota, { windows: { daily: { used: 6n } } });
});

test("a correction without a number is made as often as it is sent", (t) => {
  const merchant = new LoneMerchant().did(adjust({ daily: 5n }), adjust({ daily: 5n }));

  t.like(merchant.quota, { windows: { daily: { used: 10n } } });
  t.is(merchant.orders.size, 0);
});

test("the number of a correction and an order_no do not meet", (t) => {
  const merchant = new LoneMerchant().did(adjust({ daily: 5n }, "A-1"), consume("A-1", 7n));

  t.like(merchant.quota, { windows: { daily: { used: 12n } } });
  t.like(merchant.ask(release("A-1")), { fact: { amount: 7n } });
});

for (const window of ["daily", "monthly", "yearly"] as const) {
  test(`a ${window} reset begins that period anew and leaves the others`, (t) => {
    const merchant = new LoneMerchant({ limits: limits({ counts: { daily: 2 } }) });
    merchant.did(consume("A-1", 100n), release("A-1", 30n), reserve("A-2", 9n));
    const before = merchant.quota;

    merchant.did(reset(window));

    const { windows, pending, reserved } = merchant.quota;
    t.like(windows[window], {
      period: `${before.windows[window].period}+1`,
      used: 0n,
      held: 0n,
      count: 0,
      refunded: 0n,
      alerted: 0,
    });
    t.deepEqual({ ...windows, [window]: 0 }, { ...before.windows, [window]: 0 });
    t.deepEqual({ pending, reserved }, { pending: minor(70n), reserved: minor(9n) });
  });
}

test("every reset of a day begins another period, and the next day begins as ever", (t) => {
  const merchant = new LoneMerchant().did(reset("daily"), reset("daily"), consume("A-1", 5n));

  t.like(merchant.quota, { windows: { daily: { period: "2026-11-22+2", used: 5n } } });
  merchant.moveTo("2026-11-23T00:00:00Z");
  t.like(merchant.quota, { windows: { daily: { period: "2026-11-23", used: 0n } } });
});

test("a reset makes room at once", (t) => {
  const merchant = new LoneMerchant({ limits: limits({ daily: 100n }) }).did(consume("A-1", 100n));

  t.like(merchant.ask(consume("A-2", 1n)), { refusal: { code: "DAILY_LIMIT_EXCEEDED" } });
  merchant.did(reset("daily"));
  t.like(merchant.ask(consume("A-2", 100n)), { kind: "accepted" });
});

test("a suspended merchant neither takes nor holds until it is resumed", (t) => {
  const merchant = new LoneMerchant().did(suspend("chargebacks"));

  t.like(merchant.quota.suspension, { at: midday, reason: "chargebacks", by: "ann" });
  t.like(merchant.ask(consume("A-1", 1n)), { refusal: { code: "QUOTA_SUSPENDED" } });
  t.like(merchant.ask(reserve("A-1", 1n)), { refusal: { code: "QUOTA_SUSPENDED" } });

  merchant.did(resume());
  t.is(merchant.quota.suspension, null);
  t.like(merchant.ask(consume("A-1", 1n)), { kind: "accepted" });
});

test("suspension outlasts midnight, an adjustment and a reset", (t) => {
  const merchant = new LoneMerchant().did(suspend(), adjust({ daily: 1n }), reset("daily"));
  merchant.moveTo("2027-01-01T00:00:00Z");

  t.like(merchant.ask(consume("A-1", 1n)), { refusal: { code: "QUOTA_SUSPENDED" } });
});
