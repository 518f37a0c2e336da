import { connect } from "@nats-io/transport-node";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import test from "ava";

import { answering, type Asked, FakeNeighbour } from "../support/fake-neighbour.ts";
import { until } from "../support/node-clock.ts";
import { type ServiceProcess, startService, tokenOf } from "../support/service-process.ts";
import { ownStore } from "../support/stores.ts";
import { realNats } from "../support/services-nats.ts";

const webhookSecret = `whsec_${Buffer.alloc(32, "s").toString("base64")}`;

function take(service: ServiceProcess, order: string, amount: number): Promise<Response> {
  return fetch(`${service.url}/api/v1/quotas/consume`, {
    method: "POST",
    headers: { authorization: `Bearer ${tokenOf()}`, "content-type": "application/json" },
    body: JSON.stringify({ merchant_id: "M-1", currency: "USD", order_no: order, amount }),
  });
}

function policyOf(daily: number, version: string) {
  return answering({ code: 0, data: { daily_limit: daily, single_trans_max: daily, version } });
}

interface Told {
  readonly id: string;
  readonly alert_type: string;
}

function bodies(asked: readonly Asked[]): readonly Told[] {
  return asked.map(({ body }) => (JSON.parse(body) as { data: Told }).data);
}

test("inside its platform: limits of the policy service, alerts to three channels, a change that is announced", async (t) => {
  const nats = await realNats();
  if ("skipped" in nats) {
    t.log(`SKIPPED: ${nats.skipped}`);
    t.pass();
    return;
  }
  t.teardown(() => nats.stop());
  const neighbours = [
    await FakeNeighbour.start(policyOf(100, "1")),
    await FakeNeighbour.start(answering({})),
    await FakeNeighbour.start(answering({ code: 0 })),
  ] as const;
  const [policies, hook, people] = neighbours;
  t.teardown(() => Promise.all(neighbours.map((each) => each.stop())));
  const service = await startService(t, {
    ...(await ownStore(t)),
    POLICY_SERVICE_URL: policies.url,
    // A busy machine is no outage.
    POLICY_TIMEOUT_MS: "10000",
    NATS_URL: nats.url,
    ALERT_WEBHOOK_URLS: `${hook.url}/alerts`,
    ALERT_WEBHOOK_SECRET: webhookSecret,
    NOTIFICATION_SERVICE_URL: people.url,
  });

  t.is((await take(service, "A-1", 80)).status, 200);
  t.is((await take(service, "A-2", 20)).status, 200);
  t.is((await take(service, "A-3", 1)).status, 429);
  await until(
    "everybody was told of both",
    () => hook.asked.length >= 2 && people.asked.length >= 2,
  );

  const client = await connect({ servers: nats.url });
  t.teardown(() => client.close());
  const stored = await eventsOf(client);
  const types = ["daily_80", "daily_100"];
  t.deepEqual(
    bodies(hook.asked).map(({ alert_type: type }) => type),
    types,
  );
  t.deepEqual(
    stored.map(({ alert_type: type }) => type),
    types,
  );
  t.deepEqual(
    people.asked.map(({ path }) => path),
    Array.from(types, () => "/api/v1/notifications/send"),
  );
  const ids = stored.map(({ id }) => id);
  t.is(new Set(ids).size, 2);
  t.deepEqual(
    bodies(hook.asked).map(({ id }) => id),
    ids,
  );

  policies.behave(policyOf(150, "2"));
  client.publish("policy.limits.changed", JSON.stringify({ merchant_id: "M-1" }));
  await until(
    "the announced limit is in force",
    async () => (await take(service, "A-3", 1)).status === 200,
  );

  t.is((await service.stop()).code, 0);
});

async function eventsOf(client: Awaited<ReturnType<typeof connect>>): Promise<readonly Told[]> {
  await until("both events are in the stream", async () => {
    const manager = await jetstreamManager(client);
    const { state } = await manager.streams.info("QUOTA_EVENTS");
    return state.messages >= 2;
  });
  const consumer = await jetstream(client).consumers.get("QUOTA_EVENTS");
  const told: Told[] = [];
  for (let n = 0; n < 2; n += 1) {
    const message = await consumer.next({ expires: 5_000 });
    if (message) told.push(message.json<Told>());
  }
  return told;
}
