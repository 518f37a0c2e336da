import { createRequire } from "node:module";

import test from "ava";

import { openTracing } from "../../../src/platform/tracing.ts";
import { attribute, fakeCollector } from "../../support/fake-collector.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { key } from "../../support/quota-builders.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const callersSpan = "b7ad6b7169203331";
const begun = { method: "POST", path: "/api/v1/quotas/consume", requestId: "R-1" };

function sdkFiles(): readonly string[] {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache).filter((file) => /@opentelemetry\/(sdk|otlp|exporter)/.test(file));
}

function around() {
  const counted: string[] = [];
  const said: string[] = [];
  const say = (_: unknown, text?: string): void => {
    said.push(text ?? String(_));
  };
  return {
    counted,
    said,
    clock: fakeClock(),
    nodeName: "node-1",
    version: "1.0.0",
    log: { info: say, warn: say },
    onSpans: (result: string, spans: number) => counted.push(`${spans} ${result}`),
  };
}

test.serial(
  "without a collector nothing of the SDK is loaded, and there is no tracer",
  async (t) => {
    const tracer = await openTracing({ ...around(), url: null });

    t.is(tracer, null);
    t.deepEqual(sdkFiles(), []);
  },
);

test.serial(
  "a request's spans have the caller's as their parent and the owner's as children",
  async (t) => {
    const collector = await fakeCollector(t);
    const options = around();
    const tracer = await openTracing({ ...options, url: `${collector.url}/` });
    const { clock } = options;

    const span = tracer?.request({
      ...begun,
      headers: { traceparent: `00-${traceId}-${callersSpan}-01` },
    });
    await clock.advance(1);
    const asked = span?.ask("consume");
    const arrivedMs = clock.elapsedMs();
    await clock.advance(9);
    asked?.end(null);
    span?.end(200);
    tracer?.owned({
      trace: asked?.trace ?? "",
      action: "consume",
      key: key(),
      shard: 7,
      outcome: "accepted",
      arrivedMs,
      answeredMs: arrivedMs + 8,
      turn: { fromMs: arrivedMs + 2, untilMs: arrivedMs + 2.5 },
      commit: { fromMs: arrivedMs + 3, untilMs: arrivedMs + 7 },
    });
    await tracer?.close();

    t.deepEqual(collector.paths, ["/v1/traces"]);
    t.true(collector.spans.every((each) => each.traceId === traceId));
    const edge = collector.named("POST /api/v1/quotas/consume");
    const bus = collector.named("ask consume");
    const own = collector.named("own consume");
    t.is(edge?.parentSpanId, callersSpan);
    t.is(bus?.parentSpanId, edge?.spanId);
    t.is(own?.parentSpanId, bus?.spanId);
    t.is(span?.traceparent, `00-${traceId}-${edge?.spanId ?? ""}-01`);
    const stretches = ["queue", "turn", "commit"].map((name) => {
      const each = collector.named(name);
      t.is(each?.parentSpanId, own?.spanId, name);
      const since = Number(
        BigInt(each?.startTimeUnixNano ?? 0) - BigInt(own?.startTimeUnixNano ?? 0),
      );
      const until = Number(
        BigInt(each?.endTimeUnixNano ?? 0) - BigInt(own?.startTimeUnixNano ?? 0),
      );
      return [since / 1e6, until / 1e6];
    });
    t.deepEqual(stretches, [
      [0, 2],
      [2, 2.5],
      [3, 7],
    ]);
    t.is(attribute(own, "quota.merchant_id"), key().merchantId);
    t.is(attribute(own, "quota.outcome"), "accepted");
    t.is(attribute(edge, "http.response.status_code"), 200);
    t.deepEqual(options.counted, ["6 exported"]);
  },
);

test.serial("a caller without a trace gets one; one that wants none kept is heard", async (t) => {
  const collector = await fakeCollector(t);
  const tracer = await openTracing({ ...around(), url: collector.url });

  const fresh = tracer?.request({ ...begun, headers: { traceparent: "garbage" } });
  fresh?.end(503);
  const unwanted = tracer?.request({
    ...begun,
    headers: { traceparent: `00-${traceId}-${callersSpan}-00` },
  });
  const asked = unwanted?.ask("consume");
  unwanted?.end(200);
  await tracer?.close();

  t.regex(fresh?.traceparent ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  t.is(unwanted?.traceId, traceId);
  t.is(asked, null);
  t.deepEqual(
    collector.spans.map((each) => [each.traceId, each.parentSpanId, each.status.code]),
    [[fresh?.traceId, undefined, 2]],
  );
});

test.serial("a collector that refuses is counted, and said once", async (t) => {
  const collector = await fakeCollector(t, 400);
  const options = around();
  const tracer = await openTracing({ ...options, url: collector.url });

  for (let n = 0; n < 600; n += 1) tracer?.request({ ...begun, headers: {} }).end(200);
  await tracer?.close();

  t.deepEqual(options.counted.toSorted(), ["512 failed", "88 failed"]);
  t.deepEqual(options.said, ["traces cannot be exported"]);
});

test.serial("a collector that hangs holds up neither the spans nor the end", async (t) => {
  const collector = await fakeCollector(t, null);
  const options = around();
  const tracer = await openTracing({ ...options, url: collector.url });
  const spansMax = 8_192;

  for (let n = 0; n < spansMax + 40; n += 1) tracer?.request({ ...begun, headers: {} }).end(200);
  const closed = tracer?.close();
  await options.clock.advance(3_000);
  await closed;

  t.is(options.counted.filter((line) => line === "1 dropped").length, 40);
});
