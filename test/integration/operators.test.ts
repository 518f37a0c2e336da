import { Operators } from "../../shards/operators/operators.ts";
import { systemClock as clock } from "../../src/platform/clock.ts";
import { postgresLock } from "../../src/platform/lock-postgres.ts";
import type { ChangeBody } from "../../src/wire/http-cluster.ts";
import { until } from "../support/node-clock.ts";
import { never } from "../support/node-harness.ts";
import { onClusters, pins, quotactl, type Scene, shards } from "../support/operator-harness.ts";
import { rowsOf } from "../support/store-contract.ts";

const onCluster = onClusters();
const goOn = new AbortController().signal;

function operatorsOf({ database }: Scene): Operators {
  return new Operators({ database, clock, lock: postgresLock(database.session("jobs")) });
}

onCluster(
  "over HTTP a node is emptied as it was planned, and gets its share back",
  ["a", "b"],
  async (t, scene) => {
    const operators = operatorsOf(scene);
    const change = (wish: ChangeBody) => operators.change(wish, "ann", goOn);

    const planned = await operators.plan({ action: "drain", node: "a" });
    t.like(planned, { kind: "planned", reply: { title: "drain a", is_wished: false } });
    if (planned.kind !== "planned") return;
    const { plan, moves, after } = planned.reply;
    t.is(moves.length, shards / 2);
    t.deepEqual(after, [
      { node: "a", shards: 0 },
      { node: "b", shards },
    ]);
    t.is((await scene.cluster.owners()).filter((owner) => owner === "a").length, shards / 2);

    t.like(await change({ action: "drain", node: "a", plan }), {
      kind: "done",
      reply: { ended: "finished", left: [] },
    });
    t.is((await scene.cluster.owners()).filter((owner) => owner === "b").length, shards);
    t.like(await change({ action: "drain", node: "a" }), {
      kind: "done",
      reply: { ended: "idle" },
    });
    t.like(await change({ action: "drain", node: "b" }), { kind: "refused", field: "node" });
    t.like(await change({ action: "undrain", node: "a" }), { reply: { ended: "finished" } });
    t.is((await scene.cluster.owners()).filter((owner) => owner === "a").length, shards / 2);
  },
);

onCluster(
  "a plan that holds no more is not carried out; a shard is moved, pinned and left to the plan",
  ["a", "b"],
  async (t, scene) => {
    const { cluster, database } = scene;
    const operators = operatorsOf(scene);
    const change = (wish: ChangeBody) => operators.change(wish, "ann", goOn);
    const shard = (await cluster.owners()).indexOf("a");
    const planned = await operators.plan({ action: "move", shard, node: "b" });
    if (planned.kind !== "planned") return void t.fail(planned.message);

    t.like(await change({ action: "pin", shard, node: "b" }), { reply: { ended: "finished" } });
    t.deepEqual(await pins(database), [[shard, "b"]]);
    t.like(await change({ action: "move", shard, node: "b", plan: planned.reply.plan }), {
      kind: "refused",
      field: "shard",
    });
    t.like(await change({ action: "unpin", shard }), { reply: { ended: "finished" } });
    t.deepEqual(await change({ action: "move", shard, node: "b", plan: planned.reply.plan }), {
      kind: "outdated",
    });
    t.like(await change({ action: "move", shard, node: "a" }), { reply: { ended: "finished" } });
    t.is((await cluster.owners())[shard], "a");
    t.deepEqual(await pins(database), []);
  },
);

onCluster(
  "whoever is at it over HTTP is named to quotactl, and the other way round",
  ["a", "b"],
  async (t, scene) => {
    const { cluster, config, database } = scene;
    const operators = operatorsOf(scene);
    for (const { meddle } of cluster.nodes) {
      meddle((statement, next) => (statement.name === "all_shards" ? never() : next()));
    }
    const enough = new AbortController();
    const draining = operators.change({ action: "drain", node: "a" }, "ann", enough.signal);
    await until("the first is at it", async () => {
      const rows = await rowsOf(database, "select from leases where draining");
      return rows.length > 0;
    });
    const second = await quotactl(config, "shards rebalance --yes");
    t.is(second.code, 5);
    t.regex(second.said, /another operator is at it: ann over HTTP: drain/);
    enough.abort();
    t.like(await draining, { kind: "done", reply: { ended: "unfinished" } });
  },
);
