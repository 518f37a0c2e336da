import test from "ava";

import { bearer, testApp } from "../../../support/edge-app.ts";
import { noon } from "../../../support/edge-ask.ts";

const id = (n: number): string => `0199a1de-0000-7000-8000-00000000000${n}`;
const at = (n: number): Date => new Date(noon + n);
const entry = (n: number) => ({
  id: id(n),
  merchant_id: "M",
  currency: "USD",
  order_no: "A",
  payment_no: null,
  refund_no: null,
  action_type: "consume",
  amount: 2n ** 63n - 1n,
  daily_used_before: 0n,
  daily_used_after: 1n,
  monthly_used_before: 0n,
  monthly_used_after: 1n,
  yearly_used_before: 0n,
  yearly_used_after: 1n,
  pending_before: 0n,
  pending_after: 1n,
  reserved_before: 0n,
  reserved_after: 0n,
  daily_limit: 5n,
  monthly_limit: null,
  yearly_limit: null,
  limits_source: "default",
  policy_version: null,
  charged_periods: ["2026-11-22", "2026-11", "2026"],
  success: true,
  failure_reason: null,
  operator_id: "user-1",
  operator_type: "api",
  metadata: { channel: "web", n: 1 },
  remarks: null,
  trace_id: null,
  version: 1n,
  created_at: at(n),
});

test("a log is read page by page, and the cursor goes on where the page ended", async (t) => {
  const fake = testApp();
  fake.rows = () => [entry(3), entry(2), entry(1)];
  const url = "/api/v1/usage-logs/merchant/M?currency=USD&success=true&action_type=consume&limit=2";

  const first = await fake.app.inject({ url, headers: bearer() });
  const { items, next_cursor: cursor } = first.json<{ items: object[]; next_cursor: string }>();
  await fake.app.inject({ url: `${url}&cursor=${cursor}`, headers: bearer() });

  t.is(first.statusCode, 200);
  t.is(items.length, 2);
  t.true(first.payload.includes('"amount":9223372036854775807'));
  t.like(items[0], {
    id: id(3),
    metadata: { channel: "web", n: 1 },
    monthly_limit: null,
    created_at: "2026-11-22T12:00:00.003Z",
  });
  const filters = ["M", "USD", "consume", true, null, null];
  t.deepEqual(fake.ran[0]?.values, [...filters, null, null, 3]);
  t.deepEqual(fake.ran[1]?.values, [...filters, at(2), id(2), 3]);
});

test("the last page has no cursor, and a page is 50 unless said", async (t) => {
  const fake = testApp();
  fake.rows = () => [entry(1)];

  const reply = await fake.app.inject({ url: "/api/v1/usage-logs/order/A", headers: bearer() });

  t.like(reply.json(), { items: [{ id: id(1) }], next_cursor: null });
  t.deepEqual(fake.ran[0]?.values, ["A", null, null, null, 51]);
});

test("statistics of the log are of the last 24 hours unless said, and exact", async (t) => {
  const fake = testApp();
  fake.rows = () => [
    {
      from: new Date(noon),
      currency: "USD",
      action_type: "consume",
      outcome: "accepted",
      count: 3n,
      amount: "92233720368547758070",
    },
  ];

  const reply = await fake.app.inject({
    url: "/api/v1/usage-logs/stats?group_by=day",
    headers: bearer(),
  });
  const tooLong = await fake.app.inject({
    url: "/api/v1/usage-logs/stats?from=2020-01-01T00:00:00Z",
    headers: bearer(),
  });

  t.true(reply.payload.includes('"amount":92233720368547758070'));
  t.like(reply.json(), {
    from: "2026-11-21T12:00:00.000Z",
    to: "2026-11-22T12:00:00.000Z",
    group_by: "day",
    items: [{ from: "2026-11-22T12:00:00.000Z", outcome: "accepted", count: 3 }],
    truncated: false,
  });
  t.like(tooLong.json(), { code: "INVALID_REQUEST", errors: [{ field: "from" }] });
});
