import type { FastifyInstance } from "fastify";
import test from "ava";

import { createAsk } from "../../src/edge/ask.ts";
import { localBus } from "../../src/platform/bus.ts";
import { shardSubject } from "../../src/wire/subject.ts";
import { bearer, testApp } from "../support/edge-app.ts";
import { settled } from "../support/fake-session.ts";
import { inboxOf, nothing } from "../support/inbox-harness.ts";

const waitingMax = 40;
const key = { merchant_id: "M", currency: "USD" };

/** The edge, and an owner whose tables and journal answer when the test says so. */
function gated() {
  const { asked, session, clock, inbox, shard } = inboxOf({ waitingMax });
  const bus = localBus();
  bus.serve(shardSubject(0), (message) => inbox.submit(shard, message));
  const ask = createAsk({
    bus,
    clock,
    shardCount: 1,
    requestTimeoutMs: 10_000,
    random: () => 0.5,
    closing: () => false,
  });
  const { app } = testApp({ ask });
  /** Lets the tables and the journal answer whatever they are asked, until the work is done. */
  const openedFor = async <T>(work: Promise<T>): Promise<T> => {
    const progress = { isDone: false };
    const ended = work.finally(() => {
      progress.isDone = true;
    });
    let seq = 0n;
    while (!progress.isDone) {
      await settled();
      asked.shift()?.answer(nothing);
      session.asked.shift()?.answer([{ seq: ++seq }]);
    }
    return ended;
  };
  return { app, openedFor };
}

async function send(app: FastifyInstance, operation: string, payload: object) {
  return await app.inject({
    method: "POST",
    url: `/api/v1/quotas/${operation}`,
    headers: bearer(),
    payload,
  });
}

test("over the bound a request is refused at once, to come again; what was taken is all served", async (t) => {
  const { app, openedFor } = gated();
  const consume = (n: number) => send(app, "consume", { ...key, order_no: `A-${n}`, amount: 1 });
  const offered = Array.from({ length: waitingMax * 3 }, (_, n) => consume(n));

  // While the gate is closed only those are answered that are refused.
  const refused = await first(offered, waitingMax * 2);
  for (const { statusCode, headers, body } of refused) {
    t.is(statusCode, 503);
    t.is(headers["retry-after"], "1");
    t.like(JSON.parse(body), { code: "OVERLOADED", success: false });
  }
  const batch = await send(app, "batch", {
    operations: [{ op: "consume", ...key, order_no: "B", amount: 1 }],
  });
  t.like(batch.json(), { results: [{ status: 503, code: "OVERLOADED" }] });

  const answers = await openedFor(Promise.all(offered));
  const served = answers.filter(({ statusCode }) => statusCode === 200);
  t.is(served.length, waitingMax, "as many as the bound, and no more, were held in memory");
  t.is((await openedFor(consume(offered.length))).statusCode, 200, "and then it is as before");
});

/** The first so many answers. */
async function first<T>(answers: readonly Promise<T>[], count: number): Promise<readonly T[]> {
  const come: T[] = [];
  await new Promise<void>((resolve) => {
    for (const answer of answers) {
      void answer.then((one) => {
        come.push(one);
        if (come.length === count) resolve();
      });
    }
  });
  return come;
}
