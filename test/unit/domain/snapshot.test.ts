import test from "ava";

import { standingAt } from "../../../src/domain/snapshot.ts";
import { minor } from "../../../src/domain/money.ts";
import { at, limits, quotaWith } from "../../support/quota-builders.ts";

test("a list after midnight shows an empty day, though no job and no order came since", (t) => {
  const quota = quotaWith({ on: "2026-11-22T12:00:00Z", used: 500n });

  const standing = standingAt({ quota, limits: limits() }, at("2026-11-23T00:00:00Z"));

  t.is(standing.quota.windows.daily.used, minor(0n));
  t.is(standing.quota.windows.monthly.used, minor(500n));
  t.is(standing.calendar.daily.endsAtText, "2026-11-24T00:00:00+00:00");
});

test("a merchant's day ends at midnight of the zone that its limits name", (t) => {
  const inTokyo = limits({ zone: "Asia/Tokyo" });
  const quota = quotaWith({ on: "2026-11-22T14:59:59Z", zone: "Asia/Tokyo", used: 500n });

  const before = standingAt({ quota, limits: inTokyo }, at("2026-11-22T14:59:59Z"));
  const after = standingAt({ quota, limits: inTokyo }, at("2026-11-22T15:00:00Z"));

  t.is(before.quota.windows.daily.used, minor(500n));
  t.is(after.quota.windows.daily.used, minor(0n));
});

test("a reader whose clock is behind the owner's sees what the owner saw", (t) => {
  const quota = quotaWith({ on: "2026-11-23T00:00:00Z", used: 500n });

  const standing = standingAt({ quota, limits: limits() }, at("2026-11-22T23:59:59Z"));

  t.is(standing.at, quota.updatedAt);
  t.is(standing.quota.windows.daily.used, minor(500n));
});
