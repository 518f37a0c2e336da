import test from "ava";

import { triedOf } from "../../../src/clients/alert-target.ts";

const answered = (status: number, body = "", retryAfterMs: number | null = null) =>
  triedOf({ kind: "answered", status, body, retryAfterMs });

test("any answer of success is a delivery", (t) => {
  for (const status of [200, 201, 202, 204]) t.is(answered(status).kind, "delivered");
});

test("an answer that will not change is not asked for again", (t) => {
  for (const status of [400, 401, 403, 404, 410, 422]) t.is(answered(status).kind, "refused");
});

test("an answer that may change is asked for again, when the target said", (t) => {
  for (const status of [302, 308, 408, 425, 429, 500, 502, 503]) {
    t.is(answered(status).kind, "again", String(status));
  }
  t.like(answered(429, "slowly", 30_000), { reason: "answered 429 slowly", retryAfterMs: 30_000 });
  t.like(triedOf({ kind: "lost", reason: "ECONNREFUSED" }), { reason: "ECONNREFUSED" });
});

test("a reason is one short line that a table and a terminal can hold", (t) => {
  const tried = answered(500, `bad\r\n\u001b[31m\0 \ud800${"x".repeat(1_000)}`);

  t.is(tried.kind, "again");
  const reason = "reason" in tried ? tried.reason : "";
  t.regex(reason, /^answered 500 bad \[31m \uFFFDx+$/u);
  t.true(reason.length <= 200);
});
