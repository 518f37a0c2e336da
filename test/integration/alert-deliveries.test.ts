import { listDeliveries, resend } from "../../src/edge/reads/alert-deliveries.ts";
import type { Database } from "../../src/platform/database.ts";
import { alertId } from "../support/alert-event.ts";
import { raise } from "../support/alert-rows.ts";
import { deliveriesOf, fakeTarget, notNow, outboxHarness } from "../support/outbox-harness.ts";
import { midday } from "../support/quota-builders.ts";
import { storeContract } from "../support/store-contract.ts";

const { contract } = storeContract();
const again = (database: Database, n: number, targets: readonly string[]) =>
  resend(database, { alertId: alertId(n), targets, now: midday });
const all = { state: null, alertId: null, itemsMax: 50 } as const;

contract("deliveries are listed by state and alert, the newest first", async (t, database) => {
  const [good, strict] = [fakeTarget("good"), fakeTarget("strict")];
  strict.answer = () => ({ kind: "refused", reason: "answered 410" });
  await raise(database, 1, 2);
  const { outbox, pass } = outboxHarness(database, [good, strict]);
  await pass();
  await outbox.stop();

  const failed = await listDeliveries(database.reads, { ...all, state: "failed" });
  const ofOne = await listDeliveries(database.reads, { ...all, alertId: alertId(1) });
  const two = await listDeliveries(database.reads, { ...all, itemsMax: 2 });

  t.deepEqual(
    failed.map(({ alert_id: id, target, last_error: error }) => [id, target, error]),
    [
      [alertId(2), "strict", "answered 410"],
      [alertId(1), "strict", "answered 410"],
    ],
  );
  t.like(ofOne[0], {
    alert_id: alertId(1),
    merchant_id: "M-1",
    currency: "USD",
    target: "good",
    state: "delivered",
    attempts: 1,
    alert_at: "2026-11-22T12:00:01.000Z",
    next_try_at: null,
  });
  t.is(ofOne.length, 2);
  t.deepEqual(new Set(two.map(({ alert_id: id }) => id)), new Set([alertId(2)]));
});

contract("an alert is sent again to those named, with the same id", async (t, database) => {
  const [one, two] = [fakeTarget("one"), fakeTarget("two")];
  two.answer = () => ({ kind: "refused", reason: "answered 410" });
  await raise(database, 1);
  const { outbox, pass } = outboxHarness(database, [one, two]);
  await pass();

  two.answer = () => ({ kind: "delivered" });
  t.deepEqual(await again(database, 1, ["two"]), ["two"]);
  await pass();
  t.is(one.told.length, 1);
  t.is(two.told.length, 2);
  t.is(two.told[0]?.id, two.told[1]?.id);

  t.deepEqual(await again(database, 1, []), ["one", "two"]);
  await pass();
  await outbox.stop();
  t.deepEqual([one.told.length, two.told.length], [2, 3]);
});

contract("sent again to all is sent to targets that came later, too", async (t, database) => {
  const [before, later] = [fakeTarget("before"), fakeTarget("later")];
  await raise(database, 1);
  const first = outboxHarness(database, [before]);
  await first.pass();
  await first.outbox.stop();
  const { outbox, pass } = outboxHarness(database, [before, later]);
  await pass();
  t.is(later.told.length, 0);

  await again(database, 1, []);
  await pass();
  await outbox.stop();

  t.deepEqual([before.told.length, later.told.length], [2, 1]);
});

contract("one that was given up has another day when it is sent again", async (t, database) => {
  const target = fakeTarget("one");
  target.answer = () => ({ kind: "refused", reason: "answered 400" });
  await raise(database, 1);
  const { outbox, pass } = outboxHarness(database, [target]);
  await pass();
  target.answer = () => notNow;

  await again(database, 1, []);
  await pass();
  await outbox.stop();

  t.like((await deliveriesOf(database))[0], { state: "pending", attempts: 1 });
});

contract("what does not exist is not sent again, and is named", async (t, database) => {
  await raise(database, 1);
  const { outbox, pass } = outboxHarness(database, [fakeTarget("one")]);
  await pass();
  await outbox.stop();

  await t.throwsAsync(again(database, 9, []), {
    message: `there is no alert ${alertId(9)}`,
  });
  await t.throwsAsync(again(database, 1, ["two"]), {
    message: "the alert was not for two; it was for one",
  });
});
