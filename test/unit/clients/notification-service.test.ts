import test from "ava";

import { notificationTarget } from "../../../src/clients/notification-service.ts";
import type { PostRequest, Posted } from "../../../src/clients/post.ts";
import { alertEventWith } from "../../support/alert-event.ts";

/** The service over a post that always gets this answer. */
function serviceSaying(posted: Posted) {
  const sent: PostRequest[] = [];
  const post = {
    send: (request: PostRequest) => {
      sent.push(request);
      return Promise.resolve(posted);
    },
    close: () => Promise.resolve(),
  };
  return { sent, target: notificationTarget({ url: "http://people:40008/", post }) };
}

const saying = (body: string, status = 200): Posted => ({
  kind: "answered",
  status,
  body,
  retryAfterMs: null,
});

test("people are told of a warning and of a critical alert as such", async (t) => {
  const { sent, target } = serviceSaying(saying('{"code":0}'));

  await target.tell(alertEventWith());
  await target.tell(alertEventWith({ alert_level: "critical", limit: 2n ** 63n - 1n }));

  t.is(sent[0]?.url, "http://people:40008/api/v1/notifications/send");
  t.like(sent[0]?.headers, { "idempotency-key": alertEventWith().id });
  t.like(JSON.parse(sent[0]?.body ?? ""), {
    merchant_id: "M-1",
    type: "quota_warning",
    title: "Quota of M-1 in USD: daily_80",
    priority: "normal",
    data: { id: alertEventWith().id, current_used: 80 },
  });
  t.like(JSON.parse(sent[1]?.body ?? ""), { type: "quota_critical", priority: "high" });
  t.true(sent[1]?.body.includes('"limit":9223372036854775807'));
});

test("only code 0 says that people are told", async (t) => {
  const kinds = [];
  for (const body of ['{"code":0}', '{"code":7}', "{}", '{"code":"0"}', "<html>", ""]) {
    kinds.push((await serviceSaying(saying(body)).target.tell(alertEventWith())).kind);
  }

  t.deepEqual(kinds, ["delivered", "again", "again", "again", "again", "again"]);
});

test("a status that says no is a no, whatever the code", async (t) => {
  const { target } = serviceSaying(saying('{"code":0}', 404));

  t.is((await target.tell(alertEventWith())).kind, "refused");
});
