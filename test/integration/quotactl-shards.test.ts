import { Type } from "typebox";
import { Compile } from "typebox/compile";

import { shardsCommand } from "../../ops/commands/shards.ts";
import { fakeOperator } from "../support/fake-operator.ts";
import { until } from "../support/node-clock.ts";
import { never } from "../support/node-harness.ts";
import { onClusters, pins, quotactl, shards } from "../support/operator-harness.ts";
import { realRedis } from "../support/services-redis.ts";
import { rowsOf } from "../support/store-contract.ts";

const onCluster = onClusters();

const listed = Compile(
  Type.Array(
    Type.Object(
      {
        shard: Type.Integer(),
        state: Type.Enum(["owned", "lost", "free"]),
        owner: Type.Union([Type.String(), Type.Null()]),
        epoch: Type.Integer(),
        pinned_to: Type.Union([Type.String(), Type.Null()]),
        planned: Type.Union([Type.String(), Type.Null()]),
        tail_batches: Type.Integer(),
        tail_ms: Type.Integer(),
      },
      { additionalProperties: false },
    ),
  ),
);

onCluster(
  "a drained node is empty when the command ends, and has its share back when it is undone",
  ["a", "b", "c"],
  async (t, { cluster, config }) => {
    const drained = await quotactl(config, "shards drain b --yes");

    t.is(drained.code, 0, drained.said);
    t.regex(drained.answer, /^done in .*: drain b \(to take it back: .* --undo\)$/);
    t.regex(drained.said, /4 shards will move/);
    await cluster.untilOwned({ a: 6, b: 0, c: 6 });
    t.regex((await quotactl(config, "shards drain b --yes")).answer, /nothing to do/);
    const [, b] = JSON.parse((await quotactl(config, "nodes --json")).answer) as readonly unknown[];
    t.like(b, { name: "b", draining: true, shards: 0, tail_batches: 0, address: "here" });

    t.is((await quotactl(config, "shards drain b --undo --yes")).code, 0);
    await cluster.untilOwned({ a: 4, b: 4, c: 4 });
  },
);

onCluster(
  "a pinned shard comes to its node and stays; unpinned it is the plan's again",
  ["a", "b", "c"],
  async (t, { cluster, database, config }) => {
    const shard = (await cluster.owners()).indexOf("a");

    t.is((await quotactl(config, `shards pin ${shard} --to c --yes`)).code, 0);

    t.is((await cluster.owners())[shard], "c");
    t.deepEqual(await pins(database), [[shard, "c"]]);
    const moved = await quotactl(config, `shards move ${shard} --to b --yes`);
    t.like(moved, { code: 3, answer: "" });
    t.regex(moved.said, /is pinned to c: unpin it first/);
    t.is((await quotactl(config, `shards unpin ${shard} --yes`)).code, 0);
    t.deepEqual(await pins(database), []);
  },
);

onCluster(
  "a moved shard stays where it was moved to, with nothing left behind",
  ["a", "b", "c"],
  async (t, { cluster, database, config }) => {
    const shard = (await cluster.owners()).indexOf("b");

    const moved = await quotactl(config, `shards move ${shard} --to a --yes --json`);

    t.is(moved.code, 0, moved.said);
    t.like(JSON.parse(moved.answer), {
      ...{ action: `move shard ${shard} to a`, ended: "finished", left: [], notes: [] },
    });
    t.is((await cluster.owners())[shard], "a");
    t.deepEqual(await pins(database), []);
    const all = await quotactl(config, "shards list --unsettled --json");
    t.deepEqual(JSON.parse(all.answer), []);
  },
);

onCluster(
  "a change that is only looked at, or not agreed to, changes nothing",
  ["a", "b"],
  async (t, { cluster, database, config }) => {
    const before = await rowsOf(database, "select * from shards order by shard");

    const looked = await quotactl(config, "shards drain a --dry-run");
    const declined = await quotactl(config, "shards drain a", fakeOperator(false));
    const alone = await quotactl(config, "shards pin 3 --to a", fakeOperator(null));
    const even = await quotactl(config, "shards rebalance --dry-run --json");

    t.like(looked, { code: 0, answer: "nothing was changed: --dry-run" });
    t.regex(looked.said, /6 shards will move[^]*then: a 0, b 12/);
    t.like(declined, { code: 3, answer: "" });
    t.regex(alone.said, /nobody can be asked here .* give --yes; nothing was changed/);
    t.is(alone.code, 3);
    t.like(JSON.parse(even.answer), { action: "rebalance", ended: "foreseen", moves: [] });
    t.deepEqual(await rowsOf(database, "select * from shards order by shard"), before);
    for (const { faults } of cluster.nodes) t.deepEqual(faults, []);
  },
);

onCluster(
  "rebalancing takes away the pins that are in the way, no more at a time than it may",
  ["a", "b"],
  async (t, { cluster, database, config }) => {
    await rowsOf(database, "update shards set pinned_node = 'a' where shard < 9");
    await cluster.untilOwned({ a: 9, b: 3 });

    const looked = await quotactl(config, "shards rebalance --dry-run");
    t.is((await pins(database)).length, 9);
    const some = await quotactl(config, "shards rebalance --max-moves 2 --yes");
    t.is((await pins(database)).length, 7);
    await cluster.untilOwned({ a: 7, b: 5 });
    const rest = await quotactl(config, "shards rebalance --yes");

    t.regex(looked.said, /3 shards will move/);
    t.regex(some.said, /1 more pin in the way: --max-moves is 2/);
    t.is(some.code, 0);
    t.is(rest.code, 0);
    await cluster.untilOwned({ a: 6, b: 6 });
    t.is((await pins(database)).length, 6);
    t.regex((await quotactl(config, "shards rebalance --yes")).answer, /nothing to do/);
  },
);

for (const kind of ["Postgres", "Redis"] as const) {
  onCluster(
    `${kind}: of two operators at once the second is told who is at it`,
    ["a", "b"],
    async (t, { cluster, config: plain }) => {
      const redis = kind === "Redis" ? await realRedis() : null;
      if (redis !== null && "skipped" in redis) {
        t.pass();
        return;
      }
      const config = { ...plain, neighbours: { ...plain.neighbours, redis } };
      for (const { meddle } of cluster.nodes) {
        meddle((statement, next) => (statement.name === "all_shards" ? never() : next()));
      }
      const first = fakeOperator();
      const draining = quotactl(config, "shards drain a --yes", first);
      await until("the first is at it", () => first.said().includes("6 shards will move"));

      const second = await quotactl(config, "shards rebalance --yes");
      const looking = await quotactl(config, "shards rebalance --dry-run");
      first.interrupt();

      t.like(second, { code: 5, answer: "" });
      t.regex(second.said, /another operator is at it: quotactl .*: drain a; nothing was changed/);
      t.is(looking.code, 0);
      t.is((await draining).code, 4);
      await redis?.stop();
    },
  );
}

onCluster(
  "shards that do not move in time are named, with what to do; a move leaves no pin behind",
  ["a", "b"],
  async (t, { cluster, database, config }) => {
    const shard = (await cluster.owners()).indexOf("a");
    for (const { meddle } of cluster.nodes) {
      meddle((statement, next) => (statement.name === "hand_over_shards" ? never() : next()));
    }

    const moved = await quotactl(config, `shards move ${shard} --to b --yes --wait 1`);
    const pinned = await quotactl(config, `shards pin ${shard} --to b --yes --wait 1 --json`);

    t.is(moved.code, 4);
    t.regex(moved.said, /is not finished after .* still to move .*; it was taken back/);
    t.is(pinned.code, 4);
    t.regex(pinned.said, new RegExp(`to take it back: quotactl shards unpin ${shard}`));
    t.like(JSON.parse(pinned.answer), { ended: "unfinished" });
    t.deepEqual(await pins(database), [[shard, "b"]]);
  },
);

onCluster(
  "the shards are listed in a shape that scripts can rely on, and one is shown",
  ["a", "b"],
  async (t, { config }) => {
    const all: unknown = JSON.parse((await quotactl(config, "shards list --json")).answer);
    const words = await quotactl(config, "shards list");
    const one = await quotactl(config, "shards show M-1 USD --json");
    const beyond = await quotactl(config, "shards show 12");
    const elsewhere = await quotactl(config, "shards list --node z");

    t.true(listed.Check(all));
    t.is(listed.Check(all) ? all.length : 0, shards);
    t.regex(words.answer, /12 shards: a 6, b 6; all are where the plan has them$/);
    t.like(JSON.parse(one.answer), { state: "owned", merchant_id: "M-1", currency: "USD" });
    t.like(beyond, { code: 3, said: "there is no shard 12: the shards are 0 to 11" });
    t.like(elsewhere, { code: 3, said: "no node z lives: those that live are a, b" });
  },
);

onCluster(
  "whoever watches sees a shard go, line by line, and stops when they like",
  ["a", "b"],
  async (t, { cluster, config }) => {
    const shard = (await cluster.owners()).indexOf("a");
    const operator = fakeOperator();
    const lines: string[] = [];
    const watching = shardsCommand(
      () => config,
      (line) => lines.push(line),
      operator,
    ).parseAsync(["watch"], { from: "user" });
    await until("it looks", () => lines.length > 0);

    await quotactl(config, `shards pin ${shard} --to b --yes`);
    const seen = new RegExp(`^\\S+ shard ${shard}: a → b, epoch `);
    await until("it is seen", () => lines.some((line) => seen.test(line)));
    operator.interrupt();
    await watching;

    t.regex(lines.join("\n"), new RegExp(`shard ${shard}: pinned to b`));
    await t.notThrowsAsync(quotactl(config, "shards watch --for 1 --json"));
  },
);

onCluster("where no node has ever started, it is said so", [], async (t, { config }) => {
  const list = await quotactl(config, "shards list");

  t.is(list.code, 3);
  t.regex(list.said, /there are no shards yet/);
});
