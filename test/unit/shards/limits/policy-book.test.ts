import test from "ava";

import { instant } from "../../../../src/domain/instant.ts";
import { storedPolicy } from "../../../../src/wire/policy.ts";
import { fakeClock } from "../../../support/fake-clock.ts";
import { fakePolicies, policyWith } from "../../../support/fake-policy.ts";
import { settled } from "../../../support/fake-session.ts";
import { key } from "../../../support/quota-builders.ts";

const keepMs = 60_000;

/** A key of which a limit of 50 is shared that was fetched some time ago, in a book over a service that the test plays. */
function sharedSince(agoMs: number) {
  const clock = fakeClock();
  const fetchedAt = instant(clock.now() - agoMs);
  const shared = new Map([[key().text, { policy: storedPolicy(policyWith(50n)), fetchedAt }]]);
  const { book, asked } = fakePolicies(clock, { shared });
  return { clock, book, asked, fetchedAt };
}

test("what another node fetched is kept no longer than if it had been fetched here", async (t) => {
  const { clock, book, asked } = sharedSince(40_000);
  const limits = book.open(key(), 7, undefined);
  await limits.first;
  t.is(limits.inForce().windows.daily, policyWith(50n).windows.daily);
  await clock.advance(keepMs - 40_001);
  limits.refreshIfOld();
  await settled();
  t.is(asked.length, 0);

  await clock.advance(1);
  limits.refreshIfOld();
  await settled();

  t.is(asked.length, 1);
});

test("what this node has shared itself is no answer when it asks again, a little before the time", async (t) => {
  const { book, asked, fetchedAt } = sharedSince(50_000);

  const fetched = book.fetch(key(), false, fetchedAt);
  await settled();
  asked[0]?.answer(policyWith(70n, "2"));

  t.like(await fetched, { kind: "fresh", known: { policy: { policyVersion: "2" } } });
});

test("what was shared before never takes the place of what was fetched later", async (t) => {
  const { clock, book, asked } = sharedSince(1_000);

  const fetched = book.fetch(key(), false, clock.now());
  await settled();
  asked[0]?.answer(policyWith(10n, "2"));

  t.like(await fetched, { kind: "fresh", known: { policy: { policyVersion: "2" } } });
});

test("a policy that is no more does not come back from what was shared", async (t) => {
  const { book, asked } = sharedSince(70_000);
  const first = book.fetch(key(), false, null);
  await settled();
  asked[0]?.answer(null);
  t.like(await first, { kind: "fresh", known: { policy: null } });

  const later = book.fetch(key(), false, null);
  await settled();
  asked[1]?.fail();

  t.like(await later, { kind: "failed", known: null });
});

test("what is dated by a clock that ran ahead is no answer until that date", async (t) => {
  const { book, asked } = sharedSince(-24 * 3_600_000);

  const fetched = book.fetch(key(), false, null);
  await settled();
  asked[0]?.answer(policyWith(10n, "2"));

  t.like(await fetched, { kind: "fresh", known: { policy: { policyVersion: "2" } } });
});
