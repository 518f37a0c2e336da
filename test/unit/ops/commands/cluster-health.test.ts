import test from "ava";

import { shardsState, worstOf } from "../../../../ops/commands/cluster-health.ts";
import { shardsOf } from "../../../../ops/commands/shard-list.ts";
import { withDraining } from "../../../../shards/operators/layout.ts";
import { clusterOf } from "../../../support/cluster-layout.ts";

const healthy = clusterOf({ nodes: ["a", "b"], shards: 8 });

test("a shard without an owner who lives is down for its merchants", (t) => {
  const shards = healthy.shards.map((each) =>
    each.shard === 3 || each.shard === 4 ? { ...each, owner: null, writerId: null } : each,
  );

  t.deepEqual(shardsState(shardsOf({ ...healthy, shards }, [])), {
    state: "down",
    detail: "3-4: without an owner who lives",
  });
});

test("shards on the move are served all the same", (t) => {
  const { nodes } = withDraining(healthy, "b", true);
  const moving = { ...healthy, nodes: nodes.map((node) => ({ writerId: 1n, ...node })) };

  t.like(shardsState(shardsOf(healthy, [])), { state: "up" });
  t.like(shardsState(shardsOf(moving, [])), {
    state: "degraded",
    detail: "8 shards, each with an owner; 4 on the move",
  });
});

test("the cluster is as well as the worst of its parts", (t) => {
  const part = (state: "up" | "degraded" | "down") => ({
    ...{ name: "redis", state, latency_ms: 1, detail: "" },
  });

  t.is(worstOf([part("up"), part("up")]), "up");
  t.is(worstOf([part("up"), part("degraded")]), "degraded");
  t.is(worstOf([part("degraded"), part("down"), part("up")]), "down");
});
