import test from "ava";

import { bearer, testApp } from "../../support/edge-app.ts";
import { noon } from "../../support/edge-ask.ts";

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
const alert = (n: number) => ({
  id: id(n),
  merchant_id: "M",
  currency: "USD",
  alert_type: "daily_80",
  alert_level: "warning",
  message: "80 %",
  current_used: 80n,
  limit: 100n,
  usage_percent: 80,
  period: "2026-11-22",
  is_resolved: false,
  resolved_at: null,
  resolved_by: null,
  resolve_notes: null,
  notification_sent: false,
  notification_sent_at: null,
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
  fake.rows = ({ name }) =>
    name === "edge-quota-stats-top"
      ? [{ merchant_id: "M", currency: "USD", rate: "9012", ...used }]
      : [{ currency: "USD", merchants: 1n, near_limit: 1n, exhausted: 0n, suspended: 0n, ...used }];

  const reply = await fake.app.inject({
    url: "/api/v1/quotas/stats?top=5",
    headers: bearer({ user_type: "admin" }),
  });

  t.like(reply.json(), {
    at: "2026-11-22T12:00:00.000Z",
    currencies: [{ currency: "USD", merchants: 1, near_limit: 1, daily_used: 9 }],
    top: [{ merchant_id: "M", usage_rate: 0.9012, daily_used: 9 }],
  });
  t.deepEqual(fake.ran[1]?.values, [new Date(noon), 5]);
});

test("alerts are listed by merchant and unresolved", async (t) => {
  const fake = testApp();
  fake.rows = () => [alert(1)];
  const headers = bearer({ user_type: "admin" });

  const ofMerchant = await fake.app.inject({
    url: "/api/v1/alerts/merchant/M?is_resolved=false&level=warning&type=daily_80",
    headers,
  });
  const unresolved = await fake.app.inject({ url: "/api/v1/alerts/unresolved", headers });

  t.like(ofMerchant.json(), { items: [{ limit: 100, usage_percent: 80, resolved_at: null }] });
  t.like(unresolved.json(), { items: [{ id: id(1) }], next_cursor: null });
  t.deepEqual(fake.ran[0]?.values, ["M", "warning", "daily_80", false, null, null, 51]);
});

test("an alert is resolved once, by the user", async (t) => {
  const fake = testApp();
  let state: "open" | "resolved" | "unknown" = "open";
  fake.rows = ({ name }) => {
    if (name === "edge-alert-resolve") return state === "open" ? [alert(1)] : [];
    return state === "resolved" ? [{ id: id(1) }] : [];
  };
  const resolve = (payload?: object) =>
    fake.app.inject({
      method: "POST",
      url: `/api/v1/alerts/${id(1)}/resolve`,
      headers: bearer({ user_id: "root", user_type: "admin" }),
      ...(payload === undefined ? {} : { payload }),
    });

  const first = await resolve({ notes: "raised" });
  state = "resolved";
  const second = await resolve();
  state = "unknown";
  const unknown = await resolve();

  t.like(first.json(), { id: id(1) });
  t.deepEqual(fake.ran[0]?.values, [id(1), new Date(noon), "root", "raised"]);
  t.deepEqual(fake.ran[1]?.values, [id(1), new Date(noon), "root", null]);
  t.is(second.statusCode, 409);
  t.like(second.json(), { code: "ALERT_ALREADY_RESOLVED" });
  t.is(unknown.statusCode, 404);
  t.like(unknown.json(), { code: "ALERT_NOT_FOUND" });
});
