import test from "ava";

import { bearer, testApp } from "../../../support/edge-app.ts";

test("a token's owner learns what it may do, and how amounts are written", async (t) => {
  const { app } = testApp();

  const reply = await app.inject({
    url: "/api/v1/session",
    headers: bearer({ user_id: "ann", user_type: "admin" }),
  });

  const session = reply.json<{
    readonly currencies: readonly { readonly currency: string; readonly digits: number }[];
  }>();
  t.like(session, {
    user_id: "ann",
    rights: ["reader", "caller", "admin"],
    only_merchant: null,
    version: "0.0.0-test",
  });
  const digits = new Map(session.currencies.map((each) => [each.currency, each.digits]));
  t.deepEqual(
    ["JPY", "USD", "KWD", "USDT"].map((code) => digits.get(code)),
    [0, 2, 3, 6],
  );
});

test("a merchant learns that the token reaches its own quotas alone", async (t) => {
  const { app } = testApp();

  const reply = await app.inject({
    url: "/api/v1/session",
    headers: bearer({ user_type: "merchant", tenant_id: "M-7" }),
  });

  t.like(reply.json(), { rights: ["reader"], only_merchant: "M-7" });
});
