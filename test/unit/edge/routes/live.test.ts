import test from "ava";

import { Pulse } from "../../../../src/edge/pulse.ts";
import { bearer, testApp } from "../../../support/edge-app.ts";
import { fakeClock } from "../../../support/fake-clock.ts";
import { consume } from "../../../support/quota-builders.ts";

const admin = bearer({ user_type: "admin" });

test("an operator's stream tells of each second, and ends when it was asked to", async (t) => {
  const clock = fakeClock();
  const pulse = new Pulse(clock);
  const { app, owner } = testApp({ clock, pulse });
  const ofTheApp = clock.timers;

  const streamed = app.inject({ url: "/api/v1/live?seconds=2", headers: admin });
  await app.ready();
  while (clock.timers < ofTheApp + 2) await new Promise(setImmediate);
  await pulse.counting(owner.ask)(consume("A-1", 5n));
  await clock.advance(2_000);
  const reply = await streamed;

  t.is(reply.headers["content-type"], "text/event-stream; charset=utf-8");
  const beats = [...reply.payload.matchAll(/^event: beat\ndata: (.*)$/gm)];
  t.like(JSON.parse(beats[0]?.[1] ?? ""), {
    seconds: 1,
    operations: [{ action: "consume", outcome: "accepted", count: 1 }],
  });
  while (clock.timers > ofTheApp) await new Promise(setImmediate);
  t.pass("nothing goes on when the stream has ended");
});

test("the stream is an administrator's", async (t) => {
  const { app } = testApp();

  const service = await app.inject({ url: "/api/v1/live", headers: bearer() });
  const merchant = await app.inject({
    url: "/api/v1/live",
    headers: bearer({ user_type: "merchant", tenant_id: "M" }),
  });

  t.is(service.statusCode, 403);
  t.is(merchant.statusCode, 403);
});

test("who comes when as many watch as may is told to come later", async (t) => {
  const pulse = new Pulse(fakeClock());
  while (pulse.watch(() => undefined) !== undefined);
  const { app } = testApp({ pulse });

  const reply = await app.inject({ url: "/api/v1/live", headers: admin });

  t.is(reply.statusCode, 503);
  t.like(reply.json(), { code: "OVERLOADED" });
});

test("a service that ends does not wait for who watches", async (t) => {
  const clock = fakeClock();
  const { app } = testApp({ clock, pulse: new Pulse(clock) });
  const ofTheApp = clock.timers;
  const streamed = app.inject({ url: "/api/v1/live", headers: admin });
  await app.ready();
  while (clock.timers < ofTheApp + 2) await new Promise(setImmediate);

  await app.close();

  t.is((await streamed).statusCode, 200);
});

test("a stream that lasted is no slow request, and no latency", async (t) => {
  const { app } = testApp();
  await app.inject({ url: "/api/v1/live", headers: bearer() });

  const { payload } = await app.inject("/metrics");

  t.notRegex(payload, /path="\/api\/v1\/live"/);
});
