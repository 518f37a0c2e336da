import test from "ava";

import { worldOf } from "../../../../ops/demo/world.ts";
import { dayMs } from "../../../../ops/demo/day.ts";

const now = new Date("2026-11-26T15:00:00Z");

test("the same seed makes the same world, another seed another one", (t) => {
  const [world, again, other] = [worldOf(7, 40, now), worldOf(7, 40, now), worldOf(8, 40, now)];

  t.deepEqual(again, world);
  t.notDeepEqual(other.events, world.events);
});

test("a world has as many merchants as were wished, in several currencies and zones", (t) => {
  const { keys } = worldOf(7, 200, now);

  t.is(new Set(keys.map(({ merchantId }) => merchantId)).size, 200);
  t.true(new Set(keys.map(({ currency }) => currency)).size >= 8);
  t.true(new Set(keys.map(({ zone }) => zone)).size >= 8);
  for (const temper of ["roomy", "near", "over", "nearMonth"]) {
    t.true(
      keys.some((key) => key.temper === temper),
      temper,
    );
  }
});

test("nothing happens in the future, and everything in its order", (t) => {
  const { events } = worldOf(7, 60, now);

  const times = events.map(({ atMs }) => atMs);
  t.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  t.true((times.at(-1) ?? 0) < now.getTime());
  const opening = events.filter(({ operation }) => operation.op === "adjust");
  t.true(opening.every(({ atMs }) => atMs > Date.UTC(2026, 9, 31)));
  const orders = events.filter(({ operation }) => operation.op === "consume");
  t.true(orders.every(({ atMs }) => atMs >= now.getTime() - dayMs));
});

test("each number is of one order, and every amount is one that the service takes", (t) => {
  const { events, policies } = worldOf(7, 60, now);

  const amounts = new Map<string, unknown>();
  for (const { operation } of events) {
    const { op, merchant_id: merchant, currency, order_no: order, amount } = operation;
    if (op !== "consume" && op !== "reserve") continue;
    const number = `${String(merchant)} ${String(currency)} ${String(order)}`;
    t.is(amounts.get(number) ?? amount, amount, number);
    amounts.set(number, amount);
    t.true(Number.isSafeInteger(amount) && Number(amount) > 0, number);
  }
  for (const { daily_limit: daily, monthly_limit: monthly, single_max: single } of policies) {
    t.true(Number.isSafeInteger(daily) && daily > 0 && single > 0);
    t.true(monthly === null || monthly >= daily);
  }
});
