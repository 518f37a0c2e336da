import test from "ava";
import { LoneMerchant } from "../../support/lone-merchant.ts";
import {
  adjust,
  confirm,
  consume,
  limits,
  release,
  reserve,
  reset,
  resume,
  suspend,
} from "../../support/quota-builders.ts";

const daily = limits({ daily: 100n });

test("use that reaches 80 percent of a limit warns, one unit less does not", (t) => {
  const merchant = new LoneMerchant({ limits: daily }).did(consume("A-1", 79n));
  t.deepEqual(merchant.alerts, []);

  merchant.did(consume("A-2", 1n));

  t.like(merchant.alerts, [
    { window: "daily", percent: 80, level: "warning", used: 80n, limit: 100n },
  ]);
  t.is(merchant.alerts.length, 1);
});

test("eighty percent of an odd limit is reached by integers, not by rounding", (t) => {
  const merchant = new LoneMerchant({ limits: limits({ daily: 99n }) }).did(consume("A-1", 79n));
  t.is(merchant.alerts.length, 0);

  merchant.did(consume("A-2", 1n));
  t.is(merchant.alerts.length, 1);
});

test("one order that jumps over both thresholds raises both, lowest first", (t) => {
  const merchant = new LoneMerchant({ limits: daily }).did(consume("A-1", 100n));

  t.deepEqual(
    merchant.alerts.map(({ percent, level }) => [percent, level]),
    [
      [80, "warning"],
      [100, "critical"],
    ],
  );
});

test("one order can raise alerts in every window", (t) => {
  const merchant = new LoneMerchant({ limits: limits({ daily: 10n, monthly: 10n, yearly: 12n }) });
  merchant.did(consume("A-1", 10n));

  t.deepEqual(
    merchant.alerts.map(({ window, percent }) => `${window} ${percent}`),
    ["daily 80", "daily 100", "monthly 80", "monthly 100", "yearly 80"],
  );
});

test("use that falls and rises again in a period warns no second time", (t) => {
  const merchant = new LoneMerchant({ limits: daily });

  merchant.did(consume("A-1", 80n), release("A-1"), consume("A-2", 85n));

  t.is(merchant.alerts.length, 1);
});

test("the next day warns again", (t) => {
  const merchant = new LoneMerchant({ limits: daily }).did(consume("A-1", 80n));
  merchant.moveTo("2026-11-23T00:00:00Z");

  merchant.did(consume("A-2", 80n));

  t.is(merchant.alerts.length, 2);
});

test("a period begun anew by a reset warns again", (t) => {
  const merchant = new LoneMerchant({ limits: daily });

  merchant.did(consume("A-1", 80n), reset("daily"), consume("A-2", 80n));

  t.is(merchant.alerts.length, 2);
});

test("held amounts warn when they are taken, not before", (t) => {
  const merchant = new LoneMerchant({ limits: daily }).did(reserve("A-1", 90n));
  t.is(merchant.alerts.length, 0);

  merchant.did(confirm("A-1"));

  t.like(merchant.alerts, [{ percent: 80, used: 90n }]);
});

test("a hold confirmed after midnight warns nobody about a day that is over", (t) => {
  const merchant = new LoneMerchant({ limits: daily, on: "2026-11-22T23:59:59Z" });
  merchant.did(reserve("A-1", 90n));
  merchant.moveTo("2026-11-23T00:00:01Z");

  merchant.did(confirm("A-1"));

  t.is(merchant.alerts.length, 0);
});

test("a correction upwards warns, above the limit too", (t) => {
  const merchant = new LoneMerchant({ limits: daily }).did(adjust({ daily: 150n }));

  t.deepEqual(
    merchant.alerts.map(({ percent, used }) => [percent, Number(used)]),
    [
      [80, 150],
      [100, 150],
    ],
  );
});

test("windows without a limit, or with limit zero, raise none", (t) => {
  const merchant = new LoneMerchant({ limits: limits({ daily: 0n }) });

  merchant.did(adjust({ daily: 5n, monthly: 5n, yearly: 5n }));

  t.is(merchant.alerts.length, 0);
});

test("a raised limit warns at its own thresholds only once use rises past them again", (t) => {
  const merchant = new LoneMerchant({ limits: daily }).did(consume("A-1", 80n));
  merchant.limitTo(limits({ daily: 1_000n }));

  merchant.did(consume("A-2", 720n), consume("A-3", 200n));

  t.deepEqual(
    merchant.alerts.map(({ percent, used }) => [percent, Number(used)]),
    [
      [80, 80],
      [100, 1_000],
    ],
  );
});

test("a suspension is alerted with who and why, once until the merchant is resumed", (t) => {
  const merchant = new LoneMerchant({ limits: daily });

  merchant.did(suspend("chargebacks"), suspend("chargebacks, a hundred of them"));
  t.deepEqual(merchant.suspensions, [
    { kind: "suspended", level: "critical", reason: "chargebacks", by: "ann" },
  ]);

  merchant.did(resume(), suspend("again"));
  t.deepEqual(
    merchant.suspensions.map(({ reason }) => reason),
    ["chargebacks", "again"],
  );
});

test("a suspension does not count as a threshold that was reached", (t) => {
  const merchant = new LoneMerchant({ limits: daily });

  merchant.did(suspend(), resume(), consume("A-1", 80n));

  t.deepEqual(
    merchant.alerts.map(({ percent }) => percent),
    [80],
  );
});
