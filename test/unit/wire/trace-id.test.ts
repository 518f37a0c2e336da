import test from "ava";

import { bearer, testApp } from "../../support/edge-app.ts";

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
