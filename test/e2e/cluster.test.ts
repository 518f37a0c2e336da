import test from "ava";

import { Client } from "../support/load-clients.ts";
import { until } from "../support/node-clock.ts";
import {
  postgresEnvironment,
  runService,
  startService,
  tokenOf,
} from "../support/service-process.ts";
import { realPostgres } from "../support/services.ts";
import { realNats } from "../support/services-nats.ts";

const backMaxMs = 60_000;
const key = { merchant_id: "merchant-1", currency: "USD" };
const path = "/api/v1/quotas/merchant/merchant-1/currency/USD";

test.serial(
  "an edge and an owner as two processes: the owner is killed, NATS is killed, and no number is lost",
  async (t) => {
    const [postgres, nats] = [await realPostgres(), await realNats({ own: true })];
    if ("skipped" in postgres || "skipped" in nats) {
      t.pass();
      return;
    }
    t.teardown(() => Promise.all([postgres.stop(), nats.stop()]));
    const common = {
      ...postgresEnvironment(await postgres.newDatabase()),
      NATS_URL: nats.url,
      LEASE_MS: "1000",
      REQUEST_TIMEOUT_MS: "20000",
    };
    const owning = { ...common, ROLES: "shard", NODE_NAME: "shard-1" };
    const shard = await startService(t, owning);
    const edge = await startService(t, { ...common, ROLES: "edge", NODE_NAME: "edge-1" });
    const client = new Client(edge.url, tokenOf());
    t.teardown(() => {
      client.close();
    });
    const used = async (): Promise<unknown> => (await client.get(path)).body["daily_used"];

    const fits = await client.quota("check", { ...key, amount: 700 });
    t.like(fits, { status: 200, body: { allowed: true } });
    const taken = await client.quota("consume", { ...key, order_no: "A-1", amount: 700 });
    t.like(taken, { status: 200, body: { success: true, daily_used: 700 } });
    const given = await client.quota("release", { ...key, order_no: "A-1", amount: 200 });
    t.like(given, { status: 200, body: { daily_used: 500, pending_amount: 500 } });
    t.is((await fetch(`${shard.url}/metrics`)).status, 200);
    t.is((await fetch(`${shard.url}${path}`)).status, 404, "an owner has no calls of the edge");

    await shard.kill();
    const waiting = client.quota("consume", { ...key, order_no: "A-2", amount: 100 });
    const again = await startService(t, owning);
    t.like(await waiting, { status: 200, body: { success: true, daily_used: 600 } });
    t.is(await used(), 600);
    const repeated = await client.quota("consume", { ...key, order_no: "A-1", amount: 700 });
    t.like(repeated, { status: 200, body: { duplicate: true, daily_used: 700 } });

    await nats.kill();
    const readiness = async (): Promise<number> => (await fetch(`${edge.url}/health/ready`)).status;
    await until("the edge is not ready", async () => (await readiness()) === 503, backMaxMs);
    const cut = client.quota("consume", { ...key, order_no: "A-3", amount: 50 });
    await nats.restart();
    t.like(await cut, { status: 200, body: { daily_used: 650 } });
    await until("the edge is ready", async () => (await readiness()) === 200, backMaxMs);
    t.is(await used(), 650);

    t.is((await edge.stop()).code, 0);
    t.is((await again.stop()).code, 0);
  },
);

test("a role alone says what it lacks", async (t) => {
  for (const role of ["edge", "shard"]) {
    const { code, output } = await runService(t, { ROLES: role });

    t.is(code, 1);
    t.regex(output, /NATS_URL is not set, and ROLES/);
    t.regex(output, /DB_HOST is not set, and ROLES/);
  }
  const { output } = await runService(t, { ROLES: "edge,master" });
  t.regex(output, /ROLES names something else than edge and shard/);
});
