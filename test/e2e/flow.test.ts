import test from "ava";

import { Client, currency } from "../support/load-clients.ts";
import { until } from "../support/node-clock.ts";
import { restartTime, startService } from "../support/service-process.ts";
import { logOf, quotaOf } from "../support/audit.ts";
import { newStore, stores } from "../support/stores.ts";

/** As a newcomer starts it: no secret is set, and the token is the printed one. */
const newcomer = { JWT_SECRET: "" };

for (const store of stores) {
  test.serial(`check, consume, release, kill -9, and all is still there: ${store}`, async (t) => {
    const kept = await newStore(t, store);
    if (!kept) return;
    const first = await startService(t, { ...kept, ...newcomer });
    await until("the banner is printed", () => printedBy(first.output()).calls.length === 3);
    const printed = printedBy(first.output());
    const client = new Client(first.url, printed.token);
    const [check, consume, release] = printed.calls;

    t.like(await sent(client, check), { status: 200, body: { allowed: true } });
    const taken = await sent(client, consume);
    t.like(taken, { status: 200, body: { success: true, duplicate: false, daily_used: 50_000 } });
    const again = await sent(client, consume);
    t.like(again, { status: 200, body: { success: true, duplicate: true, daily_used: 50_000 } });
    const given = await sent(client, release);
    t.like(given, { status: 200, body: { success: true, duplicate: false, daily_used: 0 } });
    t.is(again.body["log_id"], taken.body["log_id"]);

    const order = { merchant_id: "merchant-1", currency, order_no: "ORDER-002" };
    const held = await client.quota("reserve", { ...order, amount: 30_000 });
    t.like(held, { status: 200, body: { reserved_amount: 30_000, daily_used: 0 } });
    const confirmed = await client.quota("confirm", { ...order, amount: 20_000 });
    t.like(confirmed, { status: 200, body: { reserved_amount: 0, daily_used: 20_000 } });
    const before = await quotaOf(t, client, "merchant-1");
    t.is((await first.kill()).signal, "SIGKILL");

    const second = await startService(t, { ...kept, ...newcomer });
    t.log(`${store}, after kill -9: ${restartTime(second).note}`);
    t.true(restartTime(second).isInTime);
    const later = new Client(second.url, printed.token);
    const after = await quotaOf(t, later, "merchant-1");
    t.deepEqual(standing(after), standing(before));
    t.like(after, { daily_used: 20_000, version: 4 });
    const log = await logOf(later, "order/ORDER-001?limit=200");
    t.like(log, {
      length: 2,
      0: { id: taken.body["log_id"], action_type: "consume", amount: 50_000, success: true },
      1: { id: given.body["log_id"], action_type: "release", amount: 50_000, success: true },
    });
    t.like(await sent(later, consume), {
      status: 200,
      body: { duplicate: true, daily_used: 50_000 },
    });
  });
}

interface Call {
  readonly path: string;
  readonly body: object;
}

/** The calls of the banner, in their order. */
function printedBy(output: string): { readonly token: string; readonly calls: readonly Call[] } {
  const token = /^export TOKEN=(\S+)$/m.exec(output)?.[1] ?? "";
  const calls = [
    ...output.matchAll(/^curl -sw '\\n' http:\/\/[^/]+:[1-9]\d*(\S+) .* -d '(.*)'$/gm),
  ].map(([, path = "", body = ""]) => ({ path, body: JSON.parse(body) as object }));
  return { token, calls };
}

function sent(client: Client, call: Call | undefined) {
  if (!call) throw new Error("the banner has no such call");
  return client.post(call.path, call.body);
}

/** All but what moves with the clock by itself. */
function standing(quota: object): object {
  return { ...quota, forecast: null };
}
