import test from "ava";
import { fastify } from "fastify";
import { pino } from "pino";

import { useSlowLog } from "../../../../src/edge/plugins/slow.ts";
import { useTrace } from "../../../../src/edge/plugins/trace.ts";
import { fakeClock } from "../../../support/fake-clock.ts";

/** An app whose every answer is slower than `slowMs` allows. */
function appWith(slowMs: number) {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  };
  const clock = fakeClock();
  const app = fastify({ genReqId: () => "R-1" });
  useSlowLog(app, { log: pino({}, { write }), clock, marks: useTrace(app, null), slowMs });
  app.get("/quotas/:merchant_id", () => "a while later");
  app.post("/consume", () => "a while later");
  return { app, clock, lines };
}

test("a slow request is logged with all by which it is found", async (t) => {
  const { app, lines } = appWith(0);
  const traceId = "0af7651916cd43dd8448eb211c80319c";

  await app.inject({
    method: "POST",
    url: "/consume",
    headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
    payload: { merchant_id: "M-1" },
  });
  await app.inject("/quotas/M-2");
  await app.inject("/quotas/not%20a%20merchant");

  t.like(lines[0], {
    msg: "slow request",
    requestId: "R-1",
    traceId,
    merchantId: "M-1",
    method: "POST",
    path: "/consume",
    status: 200,
  });
  t.is(typeof lines[0]?.["tookMs"], "number");
  t.deepEqual(
    lines.map(({ merchantId }) => merchantId),
    ["M-1", "M-2", null],
  );
});

test("when every request is slow some lines are enough, and the rest is counted", async (t) => {
  const { app, clock, lines } = appWith(0);

  for (let n = 0; n < 25; n += 1) await app.inject("/quotas/M");
  const atFirst = lines.length;
  await clock.advance(10_000);
  await app.inject("/quotas/M");

  t.is(atFirst, 10);
  t.is(lines.length, 11);
  t.is(lines.at(-1)?.["leftOut"], 15);
});

test("a request that is answered in time leaves no line", async (t) => {
  const { app, lines } = appWith(60_000);

  await app.inject("/quotas/M");

  t.deepEqual(lines, []);
});
