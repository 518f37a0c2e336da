import test from "ava";

import { sameForAll } from "../../../shards/limits/default.ts";
import { Actor, expiriesOfTurnMax } from "../../../shards/actor.ts";
import type { Entry } from "../../../shards/entry.ts";
import type { StoredKey } from "../../../shards/ports.ts";
import type { Command } from "../../../src/domain/command.ts";
import { instant } from "../../../src/domain/instant.ts";
import type { Order } from "../../../src/domain/order.ts";
import type { Outcome } from "../../../src/domain/outcome.ts";
import {
  confirm,
  consume,
  key,
  limits,
  midday,
  reserve,
  thresholds,
} from "../../support/quota-builders.ts";

function actorOf(stored?: StoredKey, daily = 100n) {
  const entries: Entry[] = [];
  const orders = new Map<string, Order>();
  let now = midday;
  let ids = 0;
  const inForce = limits({ daily });
  const actor = new Actor(
    key(),
    1,
    { key: stored, limits: undefined },
    {
      now: () => now,
      newId: () => `id-${(ids += 1)}`,
      limits: sameForAll(() => inForce),
      thresholds: () => thresholds,
      record: (entry) => {
        entries.push(entry);
        if (entry.result.kind === "accepted" && entry.result.order) {
          orders.set(entry.result.order.ref, entry.result.order);
        }
        return entries.length;
      },
    },
  );
  const tell = (command: Command & { readonly orderNo: string }): Outcome =>
    actor.turn(command, () => orders.get(command.orderNo));
  return {
    actor,
    entries,
    orders,
    tell,
    shift: (byMs: number) => {
      now = instant(now + byMs);
    },
  };
}

test("every change and every refused change leaves one entry, a repeat and a question leave none", (t) => {
  const { actor, entries, tell } = actorOf();

  tell(consume("A-1", 60n));
  tell(consume("A-1", 60n));
  tell(consume("A-2", 60n));
  actor.turn({ kind: "get", key: key() }, () => undefined);

  t.deepEqual(
    entries.map(({ result }) => result.kind),
    ["accepted", "refused"],
  );
  t.is(actor.lastSeq, 2);
});

test("a threshold is stored with the change that crossed it", (t) => {
  const { entries, tell } = actorOf();

  tell(consume("A-1", 79n));
  tell(consume("A-2", 5n));
  tell(consume("A-3", 5n));

  const raised = entries.map(({ result }) =>
    result.kind === "accepted" ? result.alerts.length : 0,
  );
  t.deepEqual(raised, [0, 1, 0]);
});

test("the time of a merchant never runs backwards", (t) => {
  const { entries, tell, shift } = actorOf();
  tell(consume("A-1", 1n));

  shift(-3_600_000);
  tell(consume("A-2", 1n));

  t.deepEqual(
    entries.map(({ at }) => at),
    [midday, midday],
  );
});

test("a hold read from the tables is dropped at its time, though nobody looked its order up", (t) => {
  const before = actorOf();
  before.tell(reserve("A-1", 30n, 1_000));
  const order = before.orders.get("A-1");
  const { quota } = before.actor;
  if (!order || !quota) return t.fail();
  const { actor, tell, entries, shift, orders } = actorOf({ quota, holds: [order] });
  orders.set("A-1", order);
  t.false(actor.hasDueHold(midday));

  shift(1_000);
  t.true(actor.hasDueHold(instant(midday + 1_000)));
  const late = tell(confirm("A-1"));

  t.like(late, { kind: "refused", refusal: { code: "RESERVATION_EXPIRED" } });
  t.deepEqual(
    entries.map(({ command }) => command.kind),
    ["expire", "confirm"],
  );
  t.is(String(actor.quota?.reserved), "0");
  t.false(actor.hasDueHold(instant(midday + 1_000)));
  return undefined;
});

test("of many reservations that are due, a turn drops a bounded number, and the next ones the rest", (t) => {
  const { actor, entries, tell, shift } = actorOf(undefined, 1_000n);
  const holds = expiriesOfTurnMax + 50;
  for (let n = 0; n < holds; n += 1) tell(reserve(`A-${n}`, 1n, 1_000));
  const expired = () => entries.filter(({ command }) => command.kind === "expire").length;

  shift(2_000);
  const get = { kind: "get", key: key() } as const;
  actor.turn(get, () => undefined);

  t.is(expired(), expiriesOfTurnMax);
  actor.turn(get, () => undefined);
  t.is(expired(), holds);
  t.like(actor.quota, { reserved: 0n });
});
