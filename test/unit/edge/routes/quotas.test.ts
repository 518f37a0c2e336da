import test from "ava";

import { bearer, testApp } from "../../../support/edge-app.ts";
import { noon } from "../../../support/edge-ask.ts";

test("every currency of a merchant is asked of its owner", async (t) => {
  const fake = testApp();
  fake.rows = () => [
    { merchant_id: "M", currency: "EUR" },
    { merchant_id: "M", currency: "USD" },
  ];

  const reply = await fake.app.inject({ url: "/api/v1/quotas/merchant/M", headers: bearer() });

  t.like(reply.json(), { items: [{ currency: "EUR" }, { currency: "USD" }], next_cursor: null });
  t.like(fake.owner.asked, [{ kind: "get" }, { kind: "get" }]);
});

test("statistics of the quotas say who is nearest to a limit", async (t) => {
  const fake = testApp();
  const used = { daily_used: "9", monthly_used: "9", yearly_used: "9" };
  const limits = { daily_limit: 10n, monthly_limit: 100n, yearly_limit: null };
  fake.rows = ({ name }) =>
    name === "edge-quota-stats-top"
      ? [
          {
            merchant_id: "M",
            currency: "USD",
            is_suspended: false,
            rate: "9012",
            ...used,
            ...limits,
          },
        ]
      : [{ currency: "USD", merchants: 1n, near_limit: 1n, exhausted: 0n, suspended: 0n, ...used }];

  const reply = await fake.app.inject({
    url: "/api/v1/quotas/stats?top=5",
    headers: bearer({ user_type: "admin" }),
  });

  t.like(reply.json(), {
    at: "2026-11-22T12:00:00.000Z",
    currencies: [{ currency: "USD", merchants: 1, near_limit: 1, daily_used: 9 }],
    top: [
      { merchant_id: "M", usage_rate: 0.9012, daily_used: 9, daily_limit: 10, yearly_limit: null },
    ],
  });
  t.deepEqual(fake.ran[1]?.values, [new Date(noon), 5]);
});

test("a curve goes from nothing at the period's begin, by the log, to what the owner says now", async (t) => {
  const fake = testApp();
  fake.rows = () => [{ step: 3, created_at: new Date("2026-11-22T01:00:00Z"), used: 700n }];

  const reply = await fake.app.inject({
    url: "/api/v1/quotas/merchant/M/currency/USD/curve?window=daily",
    headers: bearer({ user_type: "merchant", tenant_id: "M" }),
  });

  t.deepEqual(reply.json(), {
    window: "daily",
    from: "2026-11-22T00:00:00.000Z",
    to: "2026-11-23T00:00:00.000Z",
    at: "2026-11-22T12:00:00.000Z",
    limit: 100_000,
    points: [
      { at: "2026-11-22T00:00:00.000Z", used: 0 },
      { at: "2026-11-22T01:00:00.000Z", used: 700 },
      { at: "2026-11-22T12:00:00.000Z", used: 0 },
    ],
  });
});

test("a merchant sees no curve of another", async (t) => {
  const { app } = testApp();

  const reply = await app.inject({
    url: "/api/v1/quotas/merchant/M/currency/USD/curve",
    headers: bearer({ user_type: "merchant", tenant_id: "OTHER" }),
  });

  t.is(reply.statusCode, 403);
});
