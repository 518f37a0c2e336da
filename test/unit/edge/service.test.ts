import test from "ava";

import type { Health } from "../../../src/edge/plugins/health.ts";
import { createMetrics } from "../../../src/platform/metrics.ts";
import { bearer, testApp } from "../../support/edge-app.ts";
import { refusedOutcome } from "../../support/edge-ask.ts";

test("health says how each part is, and ready is red while it cannot commit", async (t) => {
  let health: Health = { ready: true, parts: [{ name: "postgres", state: "up", latency_ms: 1.5 }] };
  const { app } = testApp({ health: () => Promise.resolve(health) });

  const up = [await app.inject("/health"), await app.inject("/health/ready")];
  health = { ready: false, parts: [{ name: "postgres", state: "down", detail: "refused" }] };
  const down = [await app.inject("/health"), await app.inject("/health/ready")];
  const live = await app.inject("/health/live");

  t.deepEqual(
    [...up, ...down, live].map(({ statusCode }) => statusCode),
    [200, 200, 503, 503, 200],
  );
  t.like(up[0]?.json(), { status: "up", parts: [{ name: "postgres", latency_ms: 1.5 }] });
  t.like(down[0]?.json(), { status: "down", parts: [{ state: "down", detail: "refused" }] });
});

test("requests and operations are counted by route and outcome", async (t) => {
  const { app, owner } = testApp();
  const consume = {
    method: "POST",
    url: "/api/v1/quotas/consume",
    headers: bearer(),
    payload: { merchant_id: "M", currency: "USD", order_no: "A", amount: 1 },
  } as const;

  await app.inject(consume);
  owner.answer((request) => refusedOutcome(request, "DAILY_LIMIT_EXCEEDED"));
  await app.inject(consume);
  await app.inject({ url: "/api/v1/quotas/merchant/M/currency/USD", headers: bearer() });
  await app.inject("/nowhere");
  const { payload } = await app.inject("/metrics");

  const path = 'path="/api/v1/quotas/consume"';
  t.true(payload.includes(`http_requests_total{method="POST",${path},status="200"} 1`));
  t.true(payload.includes(`http_requests_total{method="POST",${path},status="429"} 1`));
  t.true(payload.includes('http_requests_total{method="GET",path="unmatched",status="404"} 1'));
  t.true(payload.includes('path="/api/v1/quotas/merchant/:merchant_id/currency/:currency"'));
  t.true(
    payload.includes(`http_request_duration_seconds_count{method="POST",${path},status="200"} 1`),
  );
  t.true(payload.includes('quota_operations_total{action="consume",outcome="accepted"} 1'));
  t.true(
    payload.includes('quota_operations_total{action="consume",outcome="DAILY_LIMIT_EXCEEDED"} 1'),
  );
});

test("what others keep is read when it is asked for", async (t) => {
  const metrics = createMetrics();
  metrics.readFrom({
    usageRates: () => [{ merchantId: "M", currency: "USD", rate: 0.5 }],
    alertsActive: () => Promise.resolve(3),
    checkpointLag: () => ({ facts: 7, seconds: 0.1 }),
  });
  metrics.readFrom({ actorsResident: () => 2, shardsOwned: () => 256 });
  metrics.journalCommitted(20, 0.002);
  metrics.alertRaised("daily_80", "warning");

  const text = await metrics.text();

  for (const line of [
    'quota_usage_rate{merchant_id="M",currency="USD"} 0.5',
    "quota_alerts_active 3",
    "quota_checkpoint_lag_facts 7",
    "quota_checkpoint_lag_seconds 0.1",
    "quota_actors_resident 2",
    "quota_shards_owned 256",
    "quota_journal_batch_facts_sum 20",
    "quota_journal_batch_facts_count 1",
    'quota_alerts_total{type="daily_80",level="warning"} 1',
  ]) {
    t.true(text.includes(line), line);
  }
});

test("a request id is taken if it is one, and given back", async (t) => {
  const { app } = testApp();
  const idOf = async (given: string) => {
    const reply = await app.inject({ url: "/health/live", headers: { "x-request-id": given } });
    return reply.headers["x-request-id"];
  };

  t.is(await idOf("order-7/1"), "order-7/1");
  t.regex(String(await idOf("with space")), /^request-1-[0-9]+$/);
  t.regex(String(await idOf("x".repeat(65))), /^request-1-[0-9]+$/);
});

test("a trace id that is not one is not kept", async (t) => {
  const { app, owner } = testApp();
  const traces = [
    "",
    "garbage",
    `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
    `ff-${"a".repeat(32)}-b7ad6b7169203331-01`,
  ];

  for (const traceparent of traces) {
    await app.inject({
      method: "POST",
      url: "/api/v1/quotas/cancel",
      headers: { ...bearer(), traceparent },
      payload: { merchant_id: "M", currency: "USD", order_no: "A" },
    });
  }

  t.deepEqual(
    owner.asked.map((request) => "traceId" in request && request.traceId),
    traces.map(() => null),
  );
});
