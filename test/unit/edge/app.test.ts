import test from "ava";

import { testApp } from "../../support/edge-app.ts";

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
