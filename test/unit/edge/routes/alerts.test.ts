import test from "ava";

import { Fault } from "../../../../src/wire/fault.ts";
import { bearer, testApp } from "../../../support/edge-app.ts";
import { noon } from "../../../support/edge-ask.ts";

const id = (n: number): string => `0199a1de-0000-7000-8000-00000000000${n}`;
const at = (n: number): Date => new Date(noon + n);
const alert = (n: number) => ({
  id: id(n),
  merchant_id: "M",
  currency: "USD",
  alert_type: "daily_80",
  alert_level: "warning",
  message: "80 %",
  current_used: 80n,
  limit: 100n,
  usage_percent: 80,
  period: "2026-11-22",
  is_resolved: false,
  resolved_at: null,
  resolved_by: null,
  resolve_notes: null,
  notification_sent: false,
  notification_sent_at: null,
  created_at: at(n),
});

test("alerts are listed by merchant and unresolved", async (t) => {
  const fake = testApp();
  fake.rows = () => [alert(1)];
  const headers = bearer({ user_type: "admin" });

  const ofMerchant = await fake.app.inject({
    url: "/api/v1/alerts/merchant/M?is_resolved=false&level=warning&type=daily_80",
    headers,
  });
  const unresolved = await fake.app.inject({ url: "/api/v1/alerts/unresolved", headers });

  t.like(ofMerchant.json(), { items: [{ limit: 100, usage_percent: 80, resolved_at: null }] });
  t.like(unresolved.json(), { items: [{ id: id(1) }], next_cursor: null });
  t.deepEqual(fake.ran[0]?.values, ["M", "warning", "daily_80", false, null, null, 51]);
});

test("an alert is resolved once, by the user", async (t) => {
  const fake = testApp();
  let state: "open" | "resolved" | "unknown" = "open";
  fake.rows = ({ name }) => {
    if (name === "edge-alert-resolve") return state === "open" ? [alert(1)] : [];
    return state === "resolved" ? [{ id: id(1) }] : [];
  };
  const resolve = (payload?: object) =>
    fake.app.inject({
      method: "POST",
      url: `/api/v1/alerts/${id(1)}/resolve`,
      headers: bearer({ user_id: "root", user_type: "admin" }),
      ...(payload === undefined ? {} : { payload }),
    });

  const first = await resolve({ notes: "raised" });
  state = "resolved";
  const second = await resolve();
  state = "unknown";
  const unknown = await resolve();

  t.like(first.json(), { id: id(1) });
  t.deepEqual(fake.ran[0]?.values, [id(1), new Date(noon), "root", "raised"]);
  t.deepEqual(fake.ran[1]?.values, [id(1), new Date(noon), "root", null]);
  t.is(second.statusCode, 409);
  t.like(second.json(), { code: "ALERT_ALREADY_RESOLVED" });
  t.is(unknown.statusCode, 404);
  t.like(unknown.json(), { code: "ALERT_NOT_FOUND" });
});

test("an alert is resolved without a body, also where the head says that it is JSON", async (t) => {
  const fake = testApp();
  fake.rows = () => [alert(1)];

  const reply = await fake.app.inject({
    method: "POST",
    url: `/api/v1/alerts/${id(1)}/resolve`,
    headers: { ...bearer({ user_type: "admin" }), "content-type": "application/json" },
    payload: "",
  });

  t.is(reply.statusCode, 200);
  t.is(fake.ran[0]?.values[3], null);
});

test("an alert whose store was lost is said to be resolved or not only where that is known", async (t) => {
  const fake = testApp();
  const headers = bearer({ user_type: "admin" });
  const resolve = () =>
    fake.app.inject({ method: "POST", url: `/api/v1/alerts/${id(1)}/resolve`, headers });
  const lost = (code: "OUTCOME_UNKNOWN" | "SHARD_UNAVAILABLE") => () => {
    throw new Fault(code, "the connection to Postgres was lost");
  };

  fake.rows = lost("OUTCOME_UNKNOWN");
  const inCommit = await resolve();
  fake.rows = lost("SHARD_UNAVAILABLE");
  const before = await resolve();
  const listed = await fake.app.inject({ url: "/api/v1/alerts/unresolved", headers });

  t.like(inCommit.json(), { code: "OUTCOME_UNKNOWN", status: 504 });
  t.like(before.json(), { code: "SHARD_UNAVAILABLE", status: 503 });
  t.like(listed.json(), { code: "SHARD_UNAVAILABLE", status: 503 });
});

test("an operator sees whom an alert has reached", async (t) => {
  const fake = testApp();
  const headers = bearer({ user_type: "admin" });
  const tried = { channel: "webhook", state: "failed", attempts: 7, last_error: "status 500" };
  fake.rows = () => [{ ...tried, target: "https://ops.example/alerts", alert_id: id(1) }];

  const reply = await fake.app.inject({ url: `/api/v1/alerts/${id(1)}/deliveries`, headers });

  t.like(reply.json(), { items: [{ ...tried, target: "https://ops.example/alerts" }] });
});

test("an operator has an alert sent again to all that it was for, and not one that does not exist", async (t) => {
  const fake = testApp();
  const headers = bearer({ user_type: "admin" });
  fake.rows = ({ name }) =>
    name === "edge_alert_targets"
      ? [{ id: id(1), targets: ["nats", "webhook-1"] }]
      : [{ id: id(1) }];
  const resend = { method: "POST", url: `/api/v1/alerts/${id(1)}/resend`, headers } as const;

  const sent = await fake.app.inject({ ...resend, payload: {} });
  fake.rows = () => [];
  const unknown = await fake.app.inject({ ...resend, payload: {} });

  t.deepEqual(sent.json(), { alert_id: id(1), targets: ["nats", "webhook-1"] });
  t.is(unknown.statusCode, 404);
  t.like(unknown.json(), { code: "ALERT_NOT_FOUND" });
});
