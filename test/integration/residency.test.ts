import { until } from "../support/node-clock.ts";
import { harness } from "../support/node-harness.ts";
import { consume, key } from "../support/quota-builders.ts";
import { rowsOf, storeContract } from "../support/store-contract.ts";

const { contract } = storeContract();
/** The least that a shard keeps. */
const keptMax = 16;
const merchants = Array.from({ length: 60 }, (_, n) => key(`M-${n}`));

contract(
  "merchants leave memory once the tables know them, and come back right",
  async (t, database) => {
    const { node, ask, clock, standing, faults } = harness(database, { shards: 1, actorsMax: 1 });
    await node.start();
    clock.hold();
    for (const each of merchants) await ask({ ...consume("A-1", 5n), key: each });
    t.is(node.actorsResident, merchants.length, "none of them is in the tables");

    clock.go();
    await until("they leave", async () => {
      await ask({ kind: "get", key: key("M-0") });
      return node.actorsResident <= keptMax;
    });

    for (let round = 2; round < 5; round += 1) {
      for (const each of merchants) {
        t.like(await ask({ ...consume("A-1", 5n), key: each }), { duplicate: true });
        await ask({ ...consume(`A-${round}`, 1n), key: each });
      }
    }
    for (const each of merchants) {
      const { quota } = await standing({ kind: "get", key: each });
      t.is<unknown, unknown>(quota.windows.daily.used, 8n);
      t.is(quota.version, 4);
    }
    await node.stop();
    const [sum] = await rowsOf(
      database,
      "select count(*) as n, sum(daily_used_after - daily_used_before)::int8 as used from quota_usage_logs",
    );
    t.deepEqual(sum, { n: BigInt(merchants.length * 4), used: BigInt(merchants.length * 8) });
    t.deepEqual(faults, []);
  },
);

contract(
  "an order that is sent again while memory turns over is charged once",
  async (t, database) => {
    const { node, ask, faults } = harness(database, { shards: 1, actorsMax: 1 });
    await node.start();
    const sent = merchants
      .slice(0, 30)
      .flatMap((each) =>
        Array.from({ length: 8 }, (_, n) => ({ ...consume(`A-${n % 2}`, 1n), key: each })),
      );

    for (let round = 0; round < 3; round += 1) {
      const outcomes = await Promise.all(sent.map((command) => ask(command)));
      const first = outcomes.filter((each) => each.kind === "accepted" && !each.duplicate);
      t.is(first.length, round === 0 ? 60 : 0);
    }

    await node.stop();
    const rows = await rowsOf(
      database,
      "select daily_used, count(*) as n from merchant_quotas group by 1",
    );
    t.deepEqual(rows, [{ daily_used: 2n, n: 30n }]);
    t.deepEqual(faults, []);
  },
);
