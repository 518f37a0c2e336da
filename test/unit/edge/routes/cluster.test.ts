import test from "ava";

import { bearer, testApp } from "../../../support/edge-app.ts";

test("an operator sees the nodes and who owns each shard; a service does not", async (t) => {
  const fake = testApp();
  const since = new Date("2026-11-22T08:00:00Z");
  fake.rows = ({ name }) =>
    name === "edge-cluster-nodes"
      ? [
          {
            ...{ node: "a", alive: true, draining: false, address: "a:40022", version: "1.0.0" },
            ...{ since, behind: 3n },
          },
        ]
      : [
          { shard: 0, node: "a", epoch: 7n, pinned_node: null, keys: 12n, changes: 900n },
          { shard: 1, node: null, epoch: 2n, pinned_node: "b", keys: 0n, changes: 0n },
        ];

  const reply = await fake.app.inject({
    url: "/api/v1/cluster",
    headers: bearer({ user_type: "admin" }),
  });
  const service = await fake.app.inject({ url: "/api/v1/cluster", headers: bearer() });

  t.like(reply.json(), {
    at: "2026-11-22T12:00:00.000Z",
    nodes: [{ node: "a", alive: true, behind: 3, since: "2026-11-22T08:00:00.000Z" }],
    shards: [
      { shard: 0, node: "a", epoch: 7, pinned_node: null, keys: 12, changes: 900 },
      { shard: 1, node: null, epoch: 2, pinned_node: "b", keys: 0, changes: 0 },
    ],
  });
  t.is(service.statusCode, 403);
});
