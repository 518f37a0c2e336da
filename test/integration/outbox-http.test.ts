import { alertTargets } from "../../shards/outbox/targets.ts";
import { createPost } from "../../src/clients/post.ts";
import { webhookSignature } from "../../src/clients/webhook.ts";
import { alertId } from "../support/alert-event.ts";
import { raise } from "../support/alert-rows.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { answering, FakeNeighbour, hanging, redirecting } from "../support/fake-neighbour.ts";
import { until } from "../support/node-clock.ts";
import { deliveriesOf, outboxHarness } from "../support/outbox-harness.ts";
import { storeContract } from "../support/store-contract.ts";

const { contract } = storeContract();
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

contract("webhooks and notifications arrive over HTTP, signed and typed", async (t, database) => {
  const hook = await FakeNeighbour.start(answering({}));
  const people = await FakeNeighbour.start(answering({ code: 0 }));
  const clock = fakeClock();
  const post = createPost(clock);
  const url = `${hook.url}/alerts?key=hidden`;
  const webhooks = { urls: [url], secret };
  const targets = alertTargets({ nats: null, webhooks, notificationUrl: people.url, post, clock });
  await raise(database, 1);
  const { outbox, pass } = outboxHarness(database, targets, clock);

  await pass();
  await outbox.stop();

  const [told] = hook.asked;
  const seconds = Math.floor(clock.now() / 1_000);
  const id = alertId(1);
  t.like(told?.headers, {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": webhookSignature(secret, { id, seconds, body: told?.body ?? "" }),
  });
  t.is(told?.query.get("key"), "hidden");
  t.regex(told?.body ?? "", /"current_used":9223372036854775807,/);
  t.like(people.asked[0], { path: "/api/v1/notifications/send" });
  t.like(JSON.parse(people.asked[0]?.body ?? ""), {
    merchant_id: "M-1",
    type: "quota_warning",
    data: { id },
  });
  const names = (await deliveriesOf(database)).map(({ target }) => target);
  t.deepEqual(names.sort(), [`${hook.url}/alerts`, "notification-service"].sort());
  await Promise.all([post.close(), hook.stop(), people.stop()]);
});

contract(
  "a receiver that hangs, redirects or is gone is tried again until it answers",
  async (t, database) => {
    const hook = await FakeNeighbour.start(hanging);
    const clock = fakeClock();
    const post = createPost(clock);
    const webhooks = { urls: [hook.url], secret };
    const targets = alertTargets({ nats: null, webhooks, notificationUrl: null, post, clock });
    await raise(database, 1);
    const { outbox, passUntil, results } = outboxHarness(database, targets, clock);

    void clock.advance(1_000);
    await until("it was asked", () => hook.asked.length === 1);
    await clock.advance(5_000);
    await until("the try is over", () => results.length === 1);
    hook.behave(redirecting("http://127.0.0.1:9/"));
    await passUntil("it was redirected", () => results.length === 2);
    await hook.goAway();
    await passUntil("nobody was there", () => results.length === 3);
    t.like((await deliveriesOf(database))[0], { attempts: 3, last_error: "ECONNREFUSED" });
    await hook.comeBack();
    hook.behave(answering({}));
    await passUntil("it has arrived", () => results.length === 4);
    await outbox.stop();

    t.deepEqual(results, ["failed", "failed", "failed", "delivered"]);
    t.deepEqual(
      new Set(hook.asked.map(({ headers }) => headers["webhook-id"])),
      new Set([alertId(1)]),
    );
    const times = hook.asked.map(({ headers }) => headers["webhook-timestamp"]);
    t.is(new Set(times).size, times.length, "each try is dated anew");
    await Promise.all([post.close(), hook.stop()]);
  },
);
