import test from "ava";

import type { KeyLimits } from "../../../../shards/ports.ts";
import { instant } from "../../../../src/domain/instant.ts";
import type { Policy } from "../../../../src/domain/limits.ts";
import { Fault } from "../../../../src/wire/fault.ts";
import { policyFromStored, storedPolicy } from "../../../../src/wire/policy.ts";
import { fakeClock } from "../../../support/fake-clock.ts";
import { fakePolicies, policyWith } from "../../../support/fake-policy.ts";
import { settled } from "../../../support/fake-session.ts";
import { existing, key, zone } from "../../../support/quota-builders.ts";

function keyLimits(stored?: Policy) {
  const clock = fakeClock();
  const policies = fakePolicies(clock);
  const before = stored && { policy: storedPolicy(stored), fetchedAt: clock.now() };
  const limits = policies.book.open(key(), 7, before);
  return { clock, policies, limits, asked: policies.asked, book: policies.book };
}

function daily(limits: KeyLimits): string {
  const { windows, source, policyVersion } = limits.inForce();
  return `${String(windows.daily)} ${source} ${String(policyVersion)}`;
}

/** A key that another node asked about some time ago. */
function sharedLimits(policy: Policy, agoMs: number) {
  const clock = fakeClock();
  const at = instant(clock.now() - agoMs);
  const shared = new Map([[key().text, { policy: storedPolicy(policy), fetchedAt: at }]]);
  const policies = fakePolicies(clock, { shared });
  return {
    clock,
    policies,
    limits: policies.book.open(key(), 7, undefined),
    asked: policies.asked,
  };
}

test("a key of which nothing is known waits for one question, and has the policy's limits then", async (t) => {
  const { limits, asked } = keyLimits();
  const { first } = limits;
  t.truthy(first);
  limits.refreshIfOld();
  t.is(asked.length, 0, "the shared limits are looked at first");
  await settled();
  t.is(asked.length, 1);

  asked[0]?.answer(policyWith(50n));
  await first;

  t.is(limits.first, null);
  t.is(daily(limits), "50 policy 1");
});

test("the wait ends with the time of one try, by the defaults; the answer counts when it comes", async (t) => {
  const { limits, asked, clock } = keyLimits();
  let waited = false;
  void limits.first?.then(() => {
    waited = true;
  });

  await clock.advance(499);
  t.false(waited);
  await clock.advance(1);
  t.true(waited);
  t.is(daily(limits), "1000 default null");

  asked[0]?.answer(policyWith(50n));
  await settled();
  t.is(daily(limits), "50 policy 1");
});

test("limits are fetched again when they are old, and hold on meanwhile", async (t) => {
  const { limits, asked, clock } = keyLimits();
  await settled();
  asked[0]?.answer(policyWith(50n));
  await settled();
  await clock.advance(59_999);
  limits.refreshIfOld();
  await settled();
  t.is(asked.length, 1);

  await clock.advance(1);
  limits.refreshIfOld();
  limits.refreshIfOld();
  await settled();
  t.is(asked.length, 2, "one question, however many ask");
  t.is(daily(limits), "50 policy 1");

  asked[1]?.answer(policyWith(70n, "2"));
  await settled();
  t.is(daily(limits), "70 policy 2");
});

test("while the policy service is away the limits last known hold, and it is asked ever more seldom", async (t) => {
  const { limits, asked, clock } = keyLimits();
  await settled();
  asked[0]?.answer(policyWith(50n));
  await settled();
  await clock.advance(60_000);
  const waits: number[] = [];
  for (let failure = 0; failure < 7; failure += 1) {
    limits.refreshIfOld();
    await settled();
    existing(asked[failure + 1]).fail();
    await settled();
    t.is(daily(limits), "50 last_known 1");
    let waitedMs = 0;
    for (;;) {
      await clock.advance(1_000);
      waitedMs += 1_000;
      limits.refreshIfOld();
      await settled();
      if (asked.length > failure + 2) break;
    }
    waits.push(waitedMs);
  }
  t.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);

  asked.at(-1)?.answer(policyWith(60n, "2"));
  await settled();
  t.is(daily(limits), "60 policy 2");
});

test("after a restart what was stored holds at once, until the policy service has answered", async (t) => {
  const { limits, asked } = keyLimits(policyWith(50n));
  t.is(limits.first, null);
  t.is(daily(limits), "50 last_known 1");

  limits.refreshIfOld();
  await settled();
  asked[0]?.answer(policyWith(50n));
  await settled();

  t.is(daily(limits), "50 policy 1");
});

test("what is stored is written when it changes, and no more", async (t) => {
  const { limits, asked, policies } = keyLimits(policyWith(50n));
  const { text } = key();
  for (const [round, policy] of [policyWith(50n), policyWith(70n, "2"), null].entries()) {
    const over = limits.refresh();
    await settled();
    asked[round]?.answer(policy);
    await over;
    const kept = policies.remembered.get(text);
    const shown = kept === undefined ? "nothing" : policyFromStored(kept)?.policyVersion;
    t.is(shown, ["nothing", "2", "nothing"][round]);
  }
  t.is(daily(limits), "1000 default null", "without a policy the defaults hold");
});

test("of a key that was never known the defaults hold while the policy service is away", async (t) => {
  const { limits, asked } = keyLimits();
  const { first } = limits;
  await settled();

  asked[0]?.fail();
  await first;

  t.is(daily(limits), "1000 default null");
  t.is(limits.hindrance(), null);
});

test("with POLICY_FAILURE_MODE=default the defaults hold while the policy service is away", async (t) => {
  const { limits, asked, policies } = keyLimits(policyWith(50n));
  policies.mode = "default";
  const over = limits.refresh();
  await settled();

  asked[0]?.fail();
  await over;

  t.is(daily(limits), "1000 default null");
});

test("with POLICY_FAILURE_MODE=closed nothing may be taken while the policy service is away", async (t) => {
  const clock = fakeClock();
  const policies = fakePolicies(clock);
  policies.mode = "closed";
  const stored = { policy: storedPolicy(policyWith(50n)), fetchedAt: clock.now() };
  const limits = policies.book.open(key(), 7, stored);
  const { first } = limits;
  t.truthy(first, "what was stored is not enough");
  await settled();

  policies.asked[0]?.fail();
  await first;
  const hindrance = limits.hindrance();
  t.true(hindrance instanceof Fault && hindrance.code === "SHARD_UNAVAILABLE");

  const over = limits.refresh();
  await settled();
  policies.asked[1]?.answer(policyWith(50n));
  await over;
  t.is(limits.hindrance(), null);
});

test("what another node fetched a moment ago is taken from it, but not when the change was announced", async (t) => {
  const { limits, asked, policies, clock } = sharedLimits(policyWith(50n), 59_999);
  const { first } = limits;

  await first;
  t.is(daily(limits), "50 policy 1");
  t.is(asked.length, 0);

  const over = limits.refresh();
  await settled();
  asked[0]?.answer(policyWith(70n, "2"));
  await over;
  t.is(daily(limits), "70 policy 2");
  t.like(policies.shared.get(key().text), { fetchedAt: clock.now() });
});

test("what another node knew last is better than nothing when the policy service is away", async (t) => {
  const { limits, asked } = sharedLimits(policyWith(50n), 60_000);
  const { first } = limits;
  await settled();
  asked[0]?.fail();
  await first;

  t.is(daily(limits), "50 last_known 1");
});

test("a change that is announced while a question is on its way is asked about again", async (t) => {
  const { limits, asked } = keyLimits();
  await settled();
  const over = limits.refresh();
  asked[0]?.answer(policyWith(50n));
  await settled();

  asked[1]?.answer(policyWith(10n, "2"));
  await over;

  t.is(daily(limits), "10 policy 2");
});

test("a policy's own zone is the merchant's, else it is the service's", async (t) => {
  const { limits, asked } = keyLimits();
  await settled();
  asked[0]?.answer(policyWith(50n));
  await settled();
  t.is(limits.inForce().zone, zone("UTC"));

  const over = limits.refresh();
  await settled();
  asked[1]?.answer(policyWith(50n, "2", zone("Asia/Shanghai")));
  await over;

  t.is(limits.inForce().zone, zone("Asia/Shanghai"));
});
