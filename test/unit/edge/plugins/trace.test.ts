import { request } from "node:http";

import test from "ava";

import { createAsk } from "../../../../src/edge/ask.ts";
import { localBus } from "../../../../src/platform/bus.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { openTracing } from "../../../../src/platform/tracing.ts";
import { Fault } from "../../../../src/wire/fault.ts";
import type { Message } from "../../../../src/wire/message.ts";
import { shardSubject } from "../../../../src/wire/subject.ts";
import { bearer, testApp } from "../../../support/edge-app.ts";
import { acceptedOutcome } from "../../../support/edge-ask.ts";
import { attribute, fakeCollector } from "../../../support/fake-collector.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const callersSpan = "b7ad6b7169203331";
const traceparent = `00-${traceId}-${callersSpan}-01`;
const consume = {
  method: "POST",
  url: "/api/v1/quotas/consume",
  payload: { merchant_id: "M", currency: "USD", order_no: "A", amount: 1 },
} as const;

async function tracerTo(url: string) {
  const tracer = await openTracing({
    url,
    nodeName: "node-1",
    version: "1.0.0",
    clock: systemClock,
    log: { info: () => undefined, warn: () => undefined },
    onSpans: () => undefined,
  });
  if (tracer === null) throw new Error("no tracer");
  return tracer;
}

/** An ask that goes over a bus to an owner of the only shard. */
function askOver(messages: Message[]) {
  const bus = localBus();
  bus.serve(shardSubject(0), (message) => {
    messages.push(message);
    return Promise.resolve(acceptedOutcome(message.request));
  });
  return createAsk({
    bus,
    clock: systemClock,
    shardCount: 1,
    requestTimeoutMs: 1_000,
    random: () => 0.5,
    closing: () => false,
  });
}

test("a consume over HTTP continues its caller's trace as far as the owner, and tells its span", async (t) => {
  const collector = await fakeCollector(t);
  const tracer = await tracerTo(collector.url);
  const messages: Message[] = [];
  const { app } = testApp({ tracer, ask: askOver(messages) });
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  t.teardown(() => app.close());

  const answer = await fetch(`${address}${consume.url}`, {
    method: "POST",
    headers: { ...bearer(), traceparent, "content-type": "application/json" },
    body: JSON.stringify(consume.payload),
  });
  await answer.text();
  await app.close();
  await tracer.close();

  t.is(answer.status, 200);
  const edge = collector.named("POST /api/v1/quotas/consume");
  const bus = collector.named("ask consume");
  t.is(edge?.traceId, traceId);
  t.is(edge?.parentSpanId, callersSpan);
  t.is(answer.headers.get("traceparent"), `00-${traceId}-${edge?.spanId ?? ""}-01`);
  t.is(bus?.parentSpanId, edge?.spanId);
  t.deepEqual(
    messages.map(({ trace }) => trace),
    [`00-${traceId}-${bus?.spanId ?? ""}-01`],
  );
  t.is(attribute(edge, "http.response.status_code"), 200);
});

test("a trace that the edge began is the one in the usage log, and in the answer of a failure", async (t) => {
  const collector = await fakeCollector(t);
  const tracer = await tracerTo(collector.url);
  const { app, owner, logged } = testApp({ tracer });
  owner.answer(() => Promise.reject(new Fault("INTERNAL", "a bug")));

  const reply = await app.inject({ ...consume, headers: bearer() });
  await tracer.close();

  const edge = collector.named("POST /api/v1/quotas/consume");
  t.is(edge?.status.code, 2);
  t.is(collector.named("ask consume")?.status.code, 2);
  const asked = owner.asked[0];
  t.true(asked && "traceId" in asked && asked.traceId === edge?.traceId);
  t.is(reply.headers["traceparent"], `00-${edge?.traceId ?? ""}-${edge?.spanId ?? ""}-01`);
  t.like(logged[0], {
    traceId: edge?.traceId,
    merchantId: "M",
    currency: "USD",
    action: "consume",
  });
});

test("a caller that goes away before the answer leaves a span that says so", async (t) => {
  const collector = await fakeCollector(t);
  const tracer = await tracerTo(collector.url);
  const { app, owner } = testApp({ tracer });
  let answer = (): void => undefined;
  owner.answer((question) => {
    asking.destroy();
    return new Promise((resolve) => {
      answer = () => {
        resolve(acceptedOutcome(question));
      };
    });
  });
  const gone = new Promise<void>((resolve) => {
    app.server.on("connection", (socket) => socket.on("close", resolve));
  });
  const address = await app.listen({ host: "127.0.0.1", port: 0 });

  t.teardown(() => app.close());

  const url = `${address}/api/v1/quotas/merchant/M/currency/USD`;
  const asking = request(url, { agent: false, headers: bearer() }).on("error", () => undefined);
  asking.end();
  await gone;
  answer();
  await app.close();
  await tracer.close();

  const edge = collector.named("GET /api/v1/quotas/merchant/:merchant_id/currency/:currency");
  t.is(edge?.status.code, 2);
  t.is(attribute(edge, "http.response.status_code"), undefined);
});

test("what machines ask every few seconds leaves no spans", async (t) => {
  const collector = await fakeCollector(t);
  const tracer = await tracerTo(collector.url);
  const { app } = testApp({ tracer });

  for (const url of ["/health", "/health/live", "/health/ready", "/metrics", "/nowhere"]) {
    await app.inject(url);
  }
  await tracer.close();

  t.deepEqual(
    collector.spans.map(({ name }) => name),
    ["GET unmatched"],
  );
});

test("without a tracer the owner is told no trace, and the log has the caller's", async (t) => {
  const messages: Message[] = [];
  const { app } = testApp({ ask: askOver(messages) });
  const failing = testApp();
  failing.owner.answer(() => Promise.reject(new Fault("INTERNAL", "a bug")));
  const headers = { ...bearer(), traceparent };

  const reply = await app.inject({ ...consume, headers });
  await failing.app.inject({ url: "/api/v1/quotas/merchant/M/currency/USD", headers });

  t.is(reply.headers["traceparent"], undefined);
  t.deepEqual(
    messages.map(({ trace }) => trace),
    [undefined],
  );
  t.like(failing.logged[0], { traceId, merchantId: "M", action: "get" });
});
