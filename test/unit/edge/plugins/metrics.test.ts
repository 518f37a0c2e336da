import test from "ava";

import { bearer, testApp } from "../../../support/edge-app.ts";
import { refusedOutcome } from "../../../support/edge-ask.ts";

test("requests are counted by route and status", async (t) => {
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
});
