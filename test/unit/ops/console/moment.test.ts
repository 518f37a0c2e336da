import test from "ava";

import { distanceText, momentText } from "../../../../ops/console/moment.ts";

const at = "2026-11-22T23:30:05Z";

test("a moment is told in the zone that is asked for", (t) => {
  t.is(momentText(at, "Asia/Shanghai", "en-GB"), "23 Nov 2026, 07:30:05");
  t.is(momentText(at, "America/New_York", "en-GB"), "22 Nov 2026, 18:30:05");
  t.is(momentText("2026-11-22T16:00:00Z", "Asia/Shanghai", "en-GB"), "23 Nov 2026, 00:00");
});

test("how long ago something was is told in the largest unit that fits", (t) => {
  const after = (seconds: number): number => Date.parse(at) + seconds * 1_000;

  t.is(distanceText(at, after(30), "en"), "30 seconds ago");
  t.is(distanceText(at, after(119), "en"), "1 minute ago");
  t.is(distanceText(at, after(7_300), "en"), "2 hours ago");
  t.is(distanceText(at, after(90_000), "en"), "yesterday");
  t.is(distanceText(at, after(-3_600), "en"), "in 1 hour");
});
