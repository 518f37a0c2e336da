import test from "ava";

import type { Ask } from "../../../../ops/load/ask.ts";
import type { Plan } from "../../../../ops/load/plan.ts";
import { profileOf } from "../../../../ops/load/profile.ts";
import { planWith } from "../../../support/load-plan.ts";

const calls = 10_000;

test("the same seed asks for the same, another for something else", (t) => {
  t.deepEqual(asked({ seed: 7 }), asked({ seed: 7 }));
  t.notDeepEqual(asked({ seed: 7 }), asked({ seed: 8 }));
});

test("every merchant and order is of this run alone, and no order comes twice", (t) => {
  const asks = asked({ profile: "zipf", runId: "mine" });

  t.true(asks.every(({ merchantId }) => merchantId.startsWith("mine-")));
  t.is(new Set(asks.map(({ orderNo }) => orderNo)).size, calls);
});

test("hot is one merchant; uniform is all alike; zipf has few that are much hotter", (t) => {
  const top = (profile: Plan["profile"]): number => {
    const counts = new Map<string, number>();
    for (const { merchantId } of asked({ profile, merchants: 100 })) {
      counts.set(merchantId, (counts.get(merchantId) ?? 0) + 1);
    }
    return Math.max(...counts.values()) / calls;
  };

  t.is(top("hot"), 1);
  t.true(top("uniform") < 0.02);
  t.true(top("zipf") > 0.17 && top("zipf") < 0.22);
});

test("mixed asks six times in ten, takes three times and gives back what was taken, once", (t) => {
  const asks = asked({ profile: "mixed" });
  const share = (op: Ask["op"]): number => asks.filter((ask) => ask.op === op).length / calls;

  t.true(Math.abs(share("check") - 0.6) < 0.02);
  t.true(Math.abs(share("consume") - 0.3) < 0.02);
  t.true(Math.abs(share("release") - 0.1) < 0.02);
  const released = asks.filter(({ op }) => op === "release");
  const consumed = new Map(
    asks.filter(({ op }) => op === "consume").map((ask) => [ask.orderNo, ask]),
  );
  t.is(new Set(released.map(({ orderNo }) => orderNo)).size, released.length);
  for (const { orderNo, amount, merchantId } of released) {
    t.like(consumed.get(orderNo), { amount, merchantId });
  }
});

test("a batch has as many operations as it was planned with", (t) => {
  t.is(profileOf(planWith({ profile: "batch", batchSize: 50 })).next().length, 50);
});

/** What a load asks for where everything is applied. */
function asked(own: Partial<Plan>): readonly Ask[] {
  const profile = profileOf(planWith(own));
  const asks: Ask[] = [];
  while (asks.length < calls) {
    for (const ask of profile.next()) {
      profile.applied(ask);
      asks.push(ask);
    }
  }
  return asks;
}
