import test from "ava";

import type { SharedSnapshot, SnapshotShare } from "../../../../src/platform/redis-snapshot.ts";
import { snapshotText } from "../../../../src/wire/snapshot.ts";
import { bearer, testApp } from "../../../support/edge-app.ts";
import { key, limits, quotaWith } from "../../../support/quota-builders.ts";

const url = "/api/v1/quotas/merchant/M-1";

function text(currency: string, version: number, merchantId = "M-1"): string {
  const quota = quotaWith({ used: 5n, rest: { key: key(merchantId, currency), version } });
  return snapshotText({ quota, limits: limits({ daily: 9n }) });
}

/** An edge beside a share that keeps these texts; the owners know USD, never used. */
function scene(texts: readonly string[] | null) {
  const filled: SharedSnapshot[] = [];
  const snapshots: SnapshotShare = {
    list: () => Promise.resolve(texts),
    fill: (_, all) => {
      filled.push(...all);
      return Promise.resolve();
    },
    listed: () => Promise.resolve(new Set()),
    put: () => Promise.resolve(),
  };
  const fake = testApp({ snapshots });
  fake.rows = () => [{ merchant_id: "M-1", currency: "USD" }];
  const list = async (query = "") =>
    (await fake.app.inject({ url: `${url}${query}`, headers: bearer() })).json<{
      items?: readonly object[];
    }>();
  return { fake, filled, list };
}

test("a list that is shared is shown, in order, and no owner is asked", async (t) => {
  const { fake, list } = scene([text("USD", 41), text("EUR", 7)]);

  const body = await list("?min_version=USD:41");

  t.like(body, {
    items: [
      { currency: "EUR", version: 7 },
      { currency: "USD", version: 41, daily_used: 5, remaining_daily: 4 },
    ],
  });
  t.deepEqual([fake.owner.asked.length, fake.ran.length], [0, 0]);
});

test("a list of before midnight shows an empty day after it", async (t) => {
  const quota = quotaWith({ on: "2026-11-21T23:59:59Z", used: 5n });
  const { list } = scene([snapshotText({ quota, limits: limits({ daily: 9n }) })]);

  t.like(await list(), { items: [{ daily_used: 0, monthly_used: 5, remaining_daily: 9 }] });
});

for (const [title, texts, query] of [
  ["nobody has shared", null, ""],
  ["is older than what the caller has seen", [text("EUR", 1)], "?min_version=EUR:2"],
  ["lacks a currency that the caller has seen", [text("EUR", 1)], "?min_version=USD:1"],
  ["cannot be read", [text("USD", 1), "{}"], ""],
  ["is of another merchant", [text("USD", 1, "M-2")], ""],
] as const) {
  test(`a list that ${title} is asked of the owners`, async (t) => {
    const { fake, list } = scene(texts);

    await list(query);

    t.true(fake.owner.asked.some(({ kind }) => kind === "get"));
  });
}

test("what the owners say is shared, for the next reader", async (t) => {
  const { filled, list } = scene(null);

  await list();

  t.like(filled, [{ merchantId: "M-1", currency: "USD", version: 0 }]);
});
