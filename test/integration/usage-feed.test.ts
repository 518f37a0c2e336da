import { Value } from "typebox/value";

import { UsageFeed, endUsageFeed } from "../../shards/outbox/usage-feed.ts";
import { recover } from "../../shards/ownership/writer.ts";
import type { Database } from "../../src/platform/database.ts";
import type { EventMessage } from "../../src/platform/nats.ts";
import { usageEvent } from "../../src/wire/event.ts";
import { Fault } from "../../src/wire/fault.ts";
import { type HastyClock, hastyClock, until } from "../support/node-clock.ts";
import { harness, logInto } from "../support/node-harness.ts";
import { consume, limits, midday, release } from "../support/quota-builders.ts";
import { rowsOf, sql, storeContract } from "../support/store-contract.ts";
import { randomCommand, randomFrom } from "../support/store-story.ts";

const { contract } = storeContract();

interface Stage {
  readonly feed: UsageFeed;
  readonly clock: HastyClock;
  readonly kept: EventMessage[];
  readonly said: readonly string[];
  isAway: boolean;
}

/** A feed into a stream that the test can take away. */
function stage(database: Database): Stage {
  const clock = hastyClock(midday);
  const said: string[] = [];
  const made: Stage = {
    clock,
    kept: [],
    said,
    isAway: false,
    feed: new UsageFeed({
      session: database.session("outbox"),
      clock,
      log: logInto(said),
      nats: {
        publish: (message) => {
          if (made.isAway) return Promise.reject(new Fault("SHARD_UNAVAILABLE", "NATS is away"));
          made.kept.push(message);
          return Promise.resolve();
        },
      },
    }),
  };
  return made;
}

async function countOf(database: Database, text: string): Promise<number> {
  const [row] = await rowsOf(database, `select count(*) as n from ${text}`);
  return Number(row?.["n"]);
}

const marks = (database: Database): Promise<number> => countOf(database, "event_marks");

contract("every accepted change is told once, in the order of its key", async (t, database) => {
  const { feed, kept, said } = stage(database);
  feed.start();
  await until("the feed is kept", async () => (await countOf(database, "event_feeds")) === 1);
  const { node, ask } = harness(database, { limits: limits({ daily: 200n }) });
  await node.start();
  const random = randomFrom(5);
  for (let n = 0; n < 20; n += 1) {
    await Promise.all(Array.from({ length: 10 }, () => ask(randomCommand(random))));
  }
  await node.stop();

  const accepted = await rowsOf(
    database,
    "select id from quota_usage_logs where success order by id",
  );
  t.true(accepted.length > 50);
  await until("all are told", () => kept.length >= accepted.length);
  await feed.stop();

  t.deepEqual(
    kept.map(({ id }) => id).sort(),
    accepted.map(({ id }) => id),
  );
  const versions = new Map<string, number>();
  for (const { subject, text } of kept) {
    const event: unknown = JSON.parse(text);
    t.true(Value.Check(usageEvent, event), text);
    const told = event as {
      merchant_id: string;
      currency: string;
      action: string;
      version: number;
    };
    t.is(subject, `quota.events.usage.${told.action}.${told.merchant_id}.${told.currency}`);
    t.true(told.version > (versions.get(told.merchant_id) ?? 0), "its version rises");
    versions.set(told.merchant_id, told.version);
  }
  t.deepEqual(said, [], "nothing waits, nothing is lost");
});

contract("what happens while NATS is away is told when it is back", async (t, database) => {
  const scene = stage(database);
  scene.feed.start();
  await until("the feed is kept", async () => (await countOf(database, "event_feeds")) === 1);
  scene.isAway = true;
  const { node, ask } = harness(database);
  await node.start();
  await ask(consume("A-1", 40n));
  await ask(release("A-1", 10n, "R-1"));
  await until("it is seen", () => scene.said.includes("usage events wait, will be retried"));
  await node.stop();
  t.is(scene.kept.length, 0);
  t.true(
    (await countOf(database, "journal")) > 0,
    "the journal waits, although all is in the tables",
  );

  scene.isAway = false;
  await until("all is told", () => scene.kept.length === 2);
  await scene.feed.stop();

  t.deepEqual(
    scene.kept.map(({ subject }) => subject),
    ["quota.events.usage.consume.M-1.USD", "quota.events.usage.release.M-1.USD"],
  );
  t.regex(scene.kept[1]?.text ?? "", /"refund_no":"R-1".*"amount":10,"daily_used":30,/);
  t.is(scene.said.filter((text) => text.includes("wait")).length, 1, "said once");
});

contract("a writer that was closed has its tail told by whoever is there", async (t, database) => {
  const before = stage(database);
  before.feed.start();
  await until("the feed is kept", async () => (await countOf(database, "event_feeds")) === 1);
  await before.feed.stop();
  const { node, ask, kill } = harness(database);
  await node.start();
  for (let n = 0; n < 30; n += 1) await ask(consume(`A-${n}`, 1n));
  kill();
  const [open] = await rowsOf(
    database,
    "select writer_id, node from writers where closed_at is null",
  );
  const writer = { writerId: BigInt(String(open?.["writer_id"])), node: String(open?.["node"]) };
  await recover(database, writer, logInto([]));

  const [one, two] = [stage(database), stage(database)];
  one.feed.start();
  two.feed.start();
  await until("all is told", () => one.kept.length + two.kept.length >= 30);
  await Promise.all([one.feed.stop(), two.feed.stop()]);

  t.is(new Set([...one.kept, ...two.kept].map(({ id }) => id)).size, 30);
  t.is(one.kept.length + two.kept.length, 30, "once between two nodes");
});

contract("a mark of a writer that is gone is not kept for ever", async (t, database) => {
  const { feed, kept } = stage(database);
  feed.start();
  await until("the feed is kept", async () => (await countOf(database, "event_feeds")) === 1);
  const { node, ask } = harness(database);
  await node.start();
  await ask(consume("A-1", 1n));
  await node.stop();

  await until("the mark is gone", async () => (await marks(database)) === 0);
  await feed.stop();
  t.is(kept.length, 1);
});

contract("the journal waits a day at most, and then the loss is said", async (t, database) => {
  const scene = stage(database);
  scene.feed.start();
  await until("the feed is kept", async () => (await countOf(database, "event_feeds")) === 1);
  await scene.feed.stop();
  const { node, ask } = harness(database);
  await node.start();
  await ask(consume("A-1", 1n));
  await ask(consume("A-2", 1n));
  await database.reads.run(
    sql("update journal set written_at = now() - interval '25 hours' where seq = 1"),
  );
  await ask(consume("A-3", 1n));
  await node.stop();

  const after = stage(database);
  after.isAway = true;
  after.feed.start();
  await until("it waits for NATS", () => after.said.includes("usage events wait, will be retried"));
  t.false(
    after.said.some((text) => text.includes("lost")),
    "said when the mark moves over it",
  );
  after.isAway = false;
  await until("the rest is told", () => after.kept.length === 2);
  await after.feed.stop();

  t.deepEqual(
    after.kept.map(({ text }) => (JSON.parse(text) as { order_no: string }).order_no),
    ["A-2", "A-3"],
  );
  t.is(after.said.filter((text) => text.includes("lost")).length, 1);
});

contract("where nobody publishes usage, no journal row waits for it", async (t, database) => {
  const scene = stage(database);
  scene.feed.start();
  await until("the feed is kept", async () => (await countOf(database, "event_feeds")) === 1);
  await scene.feed.stop();

  await endUsageFeed(database.session("outbox"), logInto([]));
  const { node, ask } = harness(database);
  await node.start();
  await ask(consume("A-1", 1n));
  await node.stop();

  t.is(await marks(database), 0);
  t.is(await countOf(database, "journal"), 0);
});
