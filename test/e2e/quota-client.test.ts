import test from "ava";

import { httpQuotaClient, QuotaFault } from "merchant-quota-service/client";

import { startService, tokenOf } from "../support/service-process.ts";
import { ownStore } from "../support/stores.ts";

const key = { merchant_id: "m-1", currency: "USD" };

test("a service of the platform takes, holds, gives back and reads quota with the client", async (t) => {
  const service = await startService(t, {
    ...(await ownStore(t)),
    DEFAULT_DAILY_LIMIT: "1000",
  });
  let tokens = 0;
  const client = httpQuotaClient({
    url: service.url,
    // On a busy machine a first answer may take long, and a repeat would be told that it is one.
    ...{ deadlineMs: 20_000, tryMs: 20_000 },
    token: () => {
      tokens += 1;
      return Promise.resolve(tokenOf());
    },
  });
  t.teardown(() => client.close());

  const checked = await client.check({ ...key, amount: 2_000 });
  t.like(checked, { kind: "ok", reply: { allowed: false, daily_limit: 1_000n } });

  const taken = await client.consume({ ...key, order_no: "O-1", amount: 600 });
  t.like(taken, { kind: "ok", reply: { duplicate: false, daily_used: 600n } });
  const again = await client.consume({ ...key, order_no: "O-1", amount: 600 });
  t.like(again, { kind: "ok", reply: { duplicate: true, daily_used: 600n } });

  const refused = await client.consume({ ...key, order_no: "O-2", amount: 600 });
  t.like(refused, {
    kind: "refused",
    code: "DAILY_LIMIT_EXCEEDED",
    problem: { limit: 1_000n, used: 600n, requested: 600n },
  });

  const held = await client.reserve({ ...key, order_no: "O-3", amount: 400 });
  t.like(held, { kind: "ok", reply: { reservation: { state: "open", amount: 400n } } });
  t.is((await client.confirm({ ...key, order_no: "O-3", amount: 100 })).kind, "ok");
  t.is((await client.settle({ ...key, order_no: "O-3" })).kind, "ok");
  t.is((await client.reserve({ ...key, order_no: "O-4", amount: 1 })).kind, "ok");
  t.is((await client.cancel({ ...key, order_no: "O-4" })).kind, "ok");
  t.is((await client.release({ ...key, order_no: "O-1" })).kind, "ok");

  const [checkedToo, takenToo, unknownOrder] = await client.batch([
    { op: "check", ...key, amount: 1 },
    { op: "consume", ...key, order_no: "O-5", amount: 50 },
    { op: "release", ...key, order_no: "O-9" },
  ]);
  t.like(checkedToo, { kind: "ok", reply: { allowed: true } });
  t.like(takenToo, { kind: "ok", reply: { daily_used: 150n } });
  t.like(unknownOrder, { kind: "refused", code: "ORDER_NOT_FOUND" });

  const stands = await client.get(key);
  t.like(stands, { kind: "ok", reply: { daily_used: 150n, pending_amount: 50n } });
  t.true(tokens > 10);
});

test("a caller learns what is wrong with a call, and that nobody is there", async (t) => {
  const service = await startService(t, { ...(await ownStore(t)) });
  const client = httpQuotaClient({ url: service.url, token: "none", deadlineMs: 300 });
  t.teardown(() => client.close());

  const stranger = await t.throwsAsync(client.get(key), { instanceOf: QuotaFault });
  t.is(stranger.code, "UNAUTHENTICATED");

  await service.stop();
  const order = { ...key, order_no: "O-1", amount: 1 };
  const nobody = await t.throwsAsync(client.consume(order), { instanceOf: QuotaFault });
  t.true(nobody.code === "SHARD_UNAVAILABLE" || nobody.isOutcomeUnknown);
});
