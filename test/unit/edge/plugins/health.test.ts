import test from "ava";

import type { Health } from "../../../../src/edge/plugins/health.ts";
import { testApp } from "../../../support/edge-app.ts";

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

test("health is not red for a part that the service does without", async (t) => {
  const parts = [
    { name: "store", state: "up" } as const,
    { name: "redis", state: "degraded" } as const,
  ];
  const { app } = testApp({ health: () => Promise.resolve({ ready: true, parts }) });

  const all = await app.inject("/health");
  const ready = await app.inject("/health/ready");

  t.is(all.statusCode, 200);
  t.like(all.json(), { status: "degraded", parts: [{ state: "up" }, { state: "degraded" }] });
  t.like(ready.json(), { status: "up" });
});
