import test from "ava";

import { SnapshotFeed, type SnapshotSink } from "../../../shards/snapshot-feed.ts";
import { settled } from "../../support/fake-session.ts";
import { key, limits, quotaWith } from "../../support/quota-builders.ts";

/** A sink that keeps what it is told, and lists every merchant but M-quiet. */
function scene() {
  const told: string[] = [];
  const hindrance = { wait: Promise.resolve() };
  const sink: SnapshotSink = {
    listed: async (merchantIds) => {
      await hindrance.wait;
      return new Set(merchantIds.filter((id) => id !== "M-quiet"));
    },
    put: (changed) => {
      told.push(...changed.map(({ merchantId, version }) => `${merchantId} ${version}`));
      return Promise.resolve();
    },
  };
  const feed = new SnapshotFeed(sink);
  const changed = (seq: number, version: number, merchantId = "M-1"): void => {
    feed.changed(seq, quotaWith({ rest: { key: key(merchantId), version } }), limits());
  };
  return { feed, told, changed, hindrance };
}

test("a list is told what stands last, and not before the tables have it", async (t) => {
  const { feed, told, changed } = scene();
  changed(1, 1);
  changed(2, 2);

  feed.written(1);
  await settled();
  t.deepEqual(told, []);
  feed.written(2);
  await settled();

  t.deepEqual(told, ["M-1 2"]);
});

test("a merchant that changes in every batch is told of nevertheless", async (t) => {
  const { feed, told, changed } = scene();
  for (let seq = 1; seq <= 9; seq += 1) {
    changed(seq, seq);
    feed.written(seq - 1);
    await settled();
  }

  t.deepEqual(told, ["M-1 1", "M-1 3", "M-1 5", "M-1 7"]);
});

test("nothing is told of a merchant that nobody lists", async (t) => {
  const { feed, told, changed } = scene();
  changed(1, 1, "M-quiet");
  changed(1, 1);

  feed.written(1);
  await settled();

  t.deepEqual(told, ["M-1 1"]);
});

test("while one lot is being told, the next waits and keeps the last of each", async (t) => {
  const { feed, told, changed, hindrance } = scene();
  let goOn = (): void => undefined;
  hindrance.wait = new Promise((resolve) => {
    goOn = resolve;
  });
  changed(1, 1);
  feed.written(1);
  changed(2, 2);
  feed.written(2);
  changed(3, 3);
  feed.written(3);
  await settled();
  t.deepEqual(told, []);

  goOn();
  await settled();
  feed.written(3);
  await settled();

  t.deepEqual(told, ["M-1 1", "M-1 3"]);
});
