import test from "ava";

import { answerOf } from "../../../src/client/answer.ts";
import type { Body } from "../../../src/client/transport.ts";

const answered = (status: number, body: Body | null) =>
  answerOf({ kind: "answered", status, body, retryAfterMs: null });

test("a business no is a value with its numbers", (t) => {
  const body = { code: "DAILY_LIMIT_EXCEEDED", message: "no", limit: 10n };

  t.like(answered(429, body), { kind: "refused", code: "DAILY_LIMIT_EXCEEDED", problem: body });
});

test("a call that was wrong, or that nobody may make, is a fault with its problem", (t) => {
  for (const code of ["INVALID_REQUEST", "FORBIDDEN", "SHARD_UNAVAILABLE", "INTERNAL"]) {
    const body = { code, message: "no" };
    t.like(answered(400, body), { kind: "fault", fault: { code, problem: body } }, code);
  }
});

test("nobody can say what a success without its body has done, or a gateway's own error", (t) => {
  for (const [status, body] of [
    [200, null],
    [502, null],
    [503, {}],
    [0, null],
  ] as const) {
    t.like(answered(status, body), { fault: { code: "OUTCOME_UNKNOWN" } }, String(status));
  }
  t.like(answered(404, null), { fault: { code: "UNREADABLE" } });
});

test("a call that was never sent did nothing; one that was lost on its way may have", (t) => {
  const lost = (wasSent: boolean) => answerOf({ kind: "lost", wasSent, reason: "cut" });

  t.like(lost(false), { fault: { code: "SHARD_UNAVAILABLE", isOutcomeUnknown: false } });
  t.like(lost(true), { fault: { code: "OUTCOME_UNKNOWN", isOutcomeUnknown: true } });
});
