import { instant } from "../../src/domain/instant.ts";
import { alertId } from "../support/alert-event.ts";
import { raise } from "../support/alert-rows.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { until } from "../support/node-clock.ts";
import { harness } from "../support/node-harness.ts";
import { deliveriesOf, fakeTarget, notNow, outboxHarness } from "../support/outbox-harness.ts";
import { consume, limits, midday, suspend } from "../support/quota-builders.ts";
import { rowsOf, sql, storeContract } from "../support/store-contract.ts";

const { contract } = storeContract();
const hourMs = 3_600_000;
const aDayLater = () => fakeClock(instant(midday + 24 * hourMs + 2_000));

contract("what the owners raise reaches every target, once and in order", async (t, database) => {
  const { node, ask } = harness(database, { limits: limits({ daily: 100n }) });
  await node.start();
  await ask(consume("A-1", 80n));
  await ask(consume("A-2", 20n));
  await ask(suspend("chargebacks"));
  await node.stop();
  const targets = [fakeTarget("one"), fakeTarget("two"), fakeTarget("three")];
  const { outbox, pass, results } = outboxHarness(database, targets);

  await pass();
  await pass();
  await outbox.stop();

  for (const { told } of targets) {
    t.deepEqual(
      told.map((alert) => [alert.alert_type, alert.alert_level, alert.version, alert.period]),
      [
        ["daily_80", "warning", 1n, "2026-11-22"],
        ["daily_100", "critical", 2n, "2026-11-22"],
        ["suspended", "critical", 3n, "v3"],
      ],
    );
    t.is(new Set(told.map(({ id }) => id)).size, 3);
  }
  t.like(targets[0]?.told[1], { v: 1, merchant_id: "M-1", currency: "USD", limit: 100n });
  t.is(results.length, 9);
  const sent = await rowsOf(database, "select id from quota_alerts where notification_sent");
  t.is(sent.length, 3);
});

contract("a clock that ran a day ahead and came back holds up no alert", async (t, database) => {
  const target = fakeTarget("hook");
  target.answer = () => notNow;
  await raise(database, 1, 2);
  const ahead = outboxHarness(database, [target], fakeClock(instant(midday + 24 * hourMs)));
  await ahead.pass();
  await ahead.outbox.stop();
  target.told.length = 0;
  target.answer = () => ({ kind: "delivered" });

  const { outbox, passUntil } = outboxHarness(database, [target]);
  await passUntil("both have arrived", () => target.told.length === 2);
  await outbox.stop();

  t.deepEqual(
    target.told.map(({ id }) => id),
    [alertId(1), alertId(2)],
  );
});

contract(
  "a dead target holds up nobody but itself, and catches up in order",
  async (t, database) => {
    const [dead, alive] = [fakeTarget("dead"), fakeTarget("alive")];
    dead.answer = () => notNow;
    await raise(database, 1, 20);
    const { outbox, clock, pass, passUntil, said } = outboxHarness(database, [dead, alive]);

    await pass();
    t.is(alive.told.length, 20);
    t.deepEqual(
      dead.told.map(({ id }) => id),
      [alertId(1)],
      "what comes after waits",
    );

    await passUntil("an hour is over", () => clock.now() > midday + hourMs, 30_000);
    t.deepEqual(new Set(dead.told.map(({ id }) => id)), new Set([alertId(1)]));
    t.true(dead.told.length > 5 && dead.told.length < 15, `${dead.told.length} tries`);
    t.is(said.filter((text) => text.includes("will be retried")).length, 1, "said once");

    dead.told.length = 0;
    dead.answer = () => ({ kind: "delivered" });
    await passUntil("all have arrived", () => dead.told.length >= 20, 60_000);
    await outbox.stop();
    t.deepEqual(
      dead.told.map(({ id }) => id),
      Array.from({ length: 20 }, (_, n) => alertId(n + 1)),
    );
  },
);

contract(
  "a day after the alert nobody tries any more, and the next has its try",
  async (t, database) => {
    const target = fakeTarget("dead");
    target.answer = () => notNow;
    await raise(database, 1, 2);
    const dayBefore = outboxHarness(database, [target]);
    await dayBefore.pass();
    await dayBefore.outbox.stop();

    const { outbox, pass, results, said } = outboxHarness(database, [target], aDayLater());
    await pass(10_000);
    await outbox.stop();

    t.deepEqual(results, ["given_up", "given_up"]);
    t.deepEqual(
      target.told.map(({ id }) => id),
      [alertId(1), alertId(1), alertId(2)],
    );
    t.is(said.filter((text) => text.includes("given up")).length, 2);
    for (const row of await deliveriesOf(database)) {
      t.like(row, { state: "failed", last_error: "answered 500" });
    }
  },
);

contract(
  "what a target refuses is not sent again, and the next goes on at once",
  async (t, database) => {
    const target = fakeTarget("strict");
    target.answer = ({ id }) =>
      id === alertId(1) ? { kind: "refused", reason: "answered 410" } : { kind: "delivered" };
    await raise(database, 1, 3);
    const { outbox, pass } = outboxHarness(database, [target]);

    await pass();
    await outbox.stop();

    t.deepEqual(await deliveriesOf(database), [
      { target: "strict", state: "failed", attempts: 1, last_error: "answered 410" },
      { target: "strict", state: "delivered", attempts: 1, last_error: null },
      { target: "strict", state: "delivered", attempts: 1, last_error: null },
    ]);
  },
);

contract("two nodes tell each alert once between them, and in order", async (t, database) => {
  const clock = fakeClock();
  const target = fakeTarget("shared");
  const nodes = [
    outboxHarness(database, [target], clock),
    outboxHarness(database, [target], clock),
  ];
  await raise(database, 1, 60);

  for (let looks = 0; target.told.length < 60 && looks < 50; looks += 1) {
    await Promise.all(nodes.map((node) => node.pass()));
  }
  for (const { outbox } of nodes) await outbox.stop();

  t.deepEqual(
    target.told.map(({ id }) => id),
    Array.from({ length: 60 }, (_, n) => alertId(n + 1)),
  );
});

contract(
  "what a node took to its grave is sent by another, with the same id",
  async (t, database) => {
    const clock = fakeClock();
    const [silent, target] = [fakeTarget("shared"), fakeTarget("shared")];
    silent.answer = () => new Promise(() => undefined);
    await raise(database, 1);
    const dead = outboxHarness(database, [silent], clock);
    await dead.clock.advance(1_000);
    await until("it is on its way", () => silent.told.length === 1);

    const heir = outboxHarness(database, [target], clock);
    await heir.pass(10_000);
    t.is(target.told.length, 0, "it may still be sent");
    // One long leap may be over only when the look that it began has asked already.
    await heir.passUntil("the claim is over", () => target.told.length > 0);
    await heir.outbox.stop();

    t.deepEqual(
      target.told.map(({ id }) => id),
      silent.told.map(({ id }) => id),
    );
  },
);

contract("alerts of before there was a target are not told to it", async (t, database) => {
  await raise(database, 1, 3);
  const before = outboxHarness(database, []);
  await before.pass();
  await before.outbox.stop();
  const target = fakeTarget("late");
  const after = outboxHarness(database, [target]);

  await raise(database, 4);
  await after.pass();
  await after.outbox.stop();

  t.deepEqual(
    target.told.map(({ id }) => id),
    [alertId(4)],
  );
});

contract(
  "deliveries to a target of before are given up when their time is over",
  async (t, database) => {
    const target = fakeTarget("former");
    target.answer = () => notNow;
    await raise(database, 1);
    const before = outboxHarness(database, [target]);
    await before.pass();
    await before.outbox.stop();

    const without = outboxHarness(database, []);
    await without.pass();
    await without.outbox.stop();
    t.like((await deliveriesOf(database))[0], { state: "pending" });
    const { outbox, pass, said } = outboxHarness(database, [], aDayLater());
    await pass();
    await outbox.stop();

    t.like((await deliveriesOf(database))[0], { state: "failed", last_error: "answered 500" });
    t.true(said.some((text) => text.includes("targets of before")));
  },
);

contract("an outbox that cannot reach its tables goes on when it can", async (t, database) => {
  const target = fakeTarget("one");
  await raise(database, 1);
  await database.reads.run(sql("alter table alert_deliveries rename to hidden"));
  const { outbox, pass, said } = outboxHarness(database, [target]);
  await pass();
  await database.reads.run(sql("alter table hidden rename to alert_deliveries"));

  await pass(5_000);
  await outbox.stop();

  t.is(target.told.length, 1);
  t.true(said.some((text) => text.includes("cannot be read")));
});
