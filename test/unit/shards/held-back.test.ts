import test from "ava";

import { storedPolicy } from "../../../src/wire/policy.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { fakePolicies, policyWith } from "../../support/fake-policy.ts";
import { settled } from "../../support/fake-session.ts";
import { inboxOf, nothing } from "../../support/inbox-harness.ts";
import { consume, key } from "../../support/quota-builders.ts";

const get = { kind: "get", key: key() } as const;

test("a merchant of whom nothing is known waits for the limits, in order, and holds nobody else up", async (t) => {
  const clock = fakeClock();
  const policies = fakePolicies(clock);
  const known = { policy: storedPolicy(policyWith(10n)), fetchedAt: clock.now() };
  const { ask, said, asked, session } = inboxOf({ limitsOf: () => policies.book });
  const other = key("M-2");
  ask("a", consume("A-1", 6n));
  ask("b", consume("A-2", 6n));
  ask("other", { ...consume("A-1", 6n), key: other });
  await settled();
  asked[0]?.answer({ ...nothing, limits: new Map([[other.text, known]]) });
  await settled();
  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();
  t.deepEqual(said, ["other: took, 6 in all"]);

  ask("c", consume("A-3", 4n));
  await settled();
  policies.asked.find(({ key: { merchantId } }) => merchantId === "M-1")?.answer(policyWith(10n));
  asked[1]?.answer(nothing);
  await settled();
  asked[2]?.answer(nothing);
  await settled();
  session.asked[1]?.answer([{ seq: 2n }]);
  await settled();

  t.deepEqual(said.slice(1), ["a: took, 6 in all", "b: refused", "c: took, 10 in all"]);
});

test("who asks for limits fetched anew is answered by them, and others go on meanwhile", async (t) => {
  const clock = fakeClock();
  const policies = fakePolicies(clock);
  const { ask, said, asked, session } = inboxOf({ limitsOf: () => policies.book });
  ask("first", get);
  await settled();
  asked[0]?.answer(nothing);
  await settled();
  policies.asked[0]?.answer(policyWith(10n));
  await settled();
  t.deepEqual(said, ["first: stands"]);

  ask("refresh", { kind: "refresh", key: key() });
  await settled();
  ask("b", consume("A-1", 6n));
  await settled();
  asked[1]?.answer(nothing);
  await settled();
  session.asked[0]?.answer([{ seq: 1n }]);
  await settled();
  t.deepEqual(said.slice(1), ["b: took, 6 in all"]);

  policies.asked[1]?.answer(policyWith(20n, "2"));
  await settled();
  t.deepEqual(said.slice(2), ["refresh: stands"]);
});
