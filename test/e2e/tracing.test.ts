import test, { type ExecutionContext } from "ava";

import { attribute, fakeCollector, type SentSpan } from "../support/fake-collector.ts";
import { currency } from "../support/load-clients.ts";
import { type ServiceProcess, startService, tokenOf } from "../support/service-process.ts";
import { ownStore } from "../support/stores.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const callersSpan = "b7ad6b7169203331";

test.serial(
  "a traced consume shows where its time went, from the edge to the commit",
  async (t) => {
    const collector = await fakeCollector(t);
    const service = await traced(t, collector.url);

    const consumed = await consume(service, `00-${traceId}-${callersSpan}-01`);
    const log = await logOf(service);
    const { code } = await service.stop();

    t.is(consumed.status, 200);
    t.is(code, 0);
    const spans = collector.spans.filter((span) => span.traceId === traceId);
    const named = (name: string): SentSpan | undefined => spans.find((span) => span.name === name);
    const edge = named("POST /api/v1/quotas/consume");
    const asked = named("ask consume");
    const own = named("own consume");
    t.is(edge?.parentSpanId, callersSpan);
    t.is(asked?.parentSpanId, edge?.spanId);
    t.is(own?.parentSpanId, asked?.spanId);
    t.is(attribute(own, "quota.outcome"), "accepted");
    for (const name of ["queue", "turn", "commit"]) {
      const span = named(name);
      t.is(span?.parentSpanId, own?.spanId, name);
      t.true(isWithin(span, own), `${name} lies within its owner's span`);
    }
    t.true(isWithin(own, asked) && isWithin(asked, edge));
    t.deepEqual(
      log.map((entry) => entry["trace_id"]),
      [traceId],
    );
  },
);

test.serial("a collector that hangs holds up neither an order nor the end", async (t) => {
  const collector = await fakeCollector(t, null);
  const service = await traced(t, collector.url);

  const { status } = await consume(service, `00-${traceId}-${callersSpan}-01`);
  const { code } = await service.stop();

  t.is(status, 200);
  t.is(code, 0);
});

async function traced(t: ExecutionContext, url: string): Promise<ServiceProcess> {
  return startService(t, { ...(await ownStore(t)), OTEL_EXPORTER_OTLP_ENDPOINT: url });
}

function consume({ url }: ServiceProcess, traceparent: string): Promise<Response> {
  return fetch(`${url}/api/v1/quotas/consume`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${tokenOf()}`,
      "content-type": "application/json",
      traceparent,
    },
    body: JSON.stringify({ merchant_id: "M", currency, order_no: "O-1", amount: 5 }),
  });
}

async function logOf({ url }: ServiceProcess): Promise<readonly Record<string, unknown>[]> {
  const answer = await fetch(`${url}/api/v1/usage-logs/order/O-1`, {
    headers: { authorization: `Bearer ${tokenOf()}` },
  });
  const { items } = (await answer.json()) as { items: readonly Record<string, unknown>[] };
  return items;
}

function isWithin(inner: SentSpan | undefined, outer: SentSpan | undefined): boolean {
  if (!inner || !outer) return false;
  const [begins, ends] = timesOf(inner);
  const [from, until] = timesOf(outer);
  return from <= begins && begins <= ends && ends <= until;
}

function timesOf({ startTimeUnixNano, endTimeUnixNano }: SentSpan): readonly [bigint, bigint] {
  return [BigInt(startTimeUnixNano), BigInt(endTimeUnixNano)];
}
