import anyTest, { type TestFn } from "ava";

import { resolveEndedAlerts } from "../../shards/alert-end.ts";
import { alertTargets } from "../../shards/outbox/targets.ts";
import { createPost } from "../../src/clients/post.ts";
import type { Instant } from "../../src/domain/instant.ts";
import { openPglite, inMemory } from "../../src/platform/pglite.ts";
import type { Database } from "../../src/platform/database.ts";
import { applyMigrations } from "../../src/platform/migrations.ts";
import type { EventMessage } from "../../src/platform/nats.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { answering, type Asked, FakeNeighbour } from "../support/fake-neighbour.ts";
import { harness, killAll } from "../support/node-harness.ts";
import { outboxHarness } from "../support/outbox-harness.ts";
import { at, consume, limits, midday } from "../support/quota-builders.ts";
import { rowsOf } from "../support/store-contract.ts";

const test = anyTest as TestFn<{ readonly database: Database }>;
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

test.before(async (t) => {
  const database = await openPglite({ folder: inMemory });
  await applyMigrations(database);
  t.context = { database };
});
test.after.always(async (t) => {
  killAll();
  await t.context.database.close();
});

/** What was told, by the field of the body that holds the alert. */
function toldTo(asked: readonly Asked[]): readonly { id: string; alert_type: string }[] {
  return asked.map(({ body }) => {
    const { data } = JSON.parse(body) as { data: { id: string; alert_type: string } };
    return data;
  });
}

test("a day of a merchant: warned, stopped, told to everybody, resolved; the next day is armed again", async (t) => {
  const { database } = t.context;
  const hook = await FakeNeighbour.start(answering({}));
  const people = await FakeNeighbour.start(answering({ code: 0 }));
  const events: EventMessage[] = [];
  const nats = {
    publish: (event: EventMessage): Promise<void> => {
      events.push(event);
      return Promise.resolve();
    },
  };
  const clock = fakeClock();
  const post = createPost(clock);
  const webhooks = { urls: [hook.url], secret };
  const targets = alertTargets({ nats, webhooks, notificationUrl: people.url, post, clock });
  const { outbox, pass, results } = outboxHarness(database, targets, clock);
  const live = async (beginsAt: Instant, orders: readonly string[]): Promise<readonly string[]> => {
    const { node, ask } = harness(database, { limits: limits({ daily: 100n }), beginsAt });
    await node.start();
    const kinds: string[] = [];
    for (const order of orders) {
      const outcome = await ask(consume(order, 20n));
      kinds.push(outcome.kind === "refused" ? outcome.refusal.code : outcome.kind);
    }
    await node.stop();
    await pass();
    return kinds;
  };

  const answers = await live(midday, ["1", "2", "3", "4", "5", "6"]);
  t.deepEqual(answers.slice(3), ["accepted", "accepted", "DAILY_LIMIT_EXCEEDED"]);
  t.deepEqual(
    events.map(({ subject }) => subject),
    ["quota.events.alert.warning.M-1.USD", "quota.events.alert.critical.M-1.USD"],
  );

  const tomorrow = at("2026-11-23T09:00:00Z");
  t.is(await resolveEndedAlerts(database.session("jobs"), tomorrow), 2);
  await live(tomorrow, ["7", "8", "9", "10", "11"]);
  await outbox.stop();

  const types = ["daily_80", "daily_100", "daily_80", "daily_100"];
  const ids = events.map(({ id }) => id);
  t.is(new Set(ids).size, 4);
  for (const told of [toldTo(hook.asked), toldTo(people.asked)]) {
    t.deepEqual(
      told.map(({ alert_type: type }) => type),
      types,
    );
    t.deepEqual(
      told.map(({ id }) => id),
      ids,
    );
  }
  t.is(results.filter((result) => result === "delivered").length, 12);
  const open = await rowsOf(database, "select period from quota_alerts where not is_resolved");
  t.deepEqual(open, [{ period: "2026-11-23" }, { period: "2026-11-23" }]);
  await Promise.all([post.close(), hook.stop(), people.stop()]);
});
