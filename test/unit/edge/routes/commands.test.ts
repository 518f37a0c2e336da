import test from "ava";

import { bearer, testApp } from "../../../support/edge-app.ts";

const consume = {
  merchant_id: "merchant-001",
  currency: "USD",
  order_no: "ORDER-001",
  amount: 50000,
};

test("a gateway consumes and is told what is used and left", async (t) => {
  const { app, owner } = testApp();

  const reply = await app.inject({
    method: "POST",
    url: "/api/v1/quotas/consume",
    headers: {
      ...bearer(),
      "x-request-id": "R-1",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    },
    payload: { ...consume, metadata: { channel: "web" } },
  });

  t.is(reply.statusCode, 200);
  t.is(reply.headers["x-request-id"], "R-1");
  t.deepEqual(reply.json(), {
    success: true,
    duplicate: false,
    daily_used: 50000,
    monthly_used: 50000,
    yearly_used: 50000,
    pending_amount: 50000,
    reserved_amount: 0,
    transactions_today: 1,
    remaining_daily: 50000,
    remaining_monthly: 950000,
    remaining_yearly: null,
    version: 1,
    log_id: "0199a1de-0000-7000-8000-000000000001",
    limits_source: "default",
    policy_version: null,
  });
  t.like(owner.asked[0], {
    kind: "consume",
    orderNo: "ORDER-001",
    amount: 50000n,
    operator: { id: "user-1", type: "api" },
    traceId: "0af7651916cd43dd8448eb211c80319c",
    metadata: { channel: "web" },
  });
});
