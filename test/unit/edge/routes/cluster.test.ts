import test from "ava";

import type { Changed } from "../../../../src/wire/http-cluster.ts";
import { bearer, testApp, type TestApp } from "../../../support/edge-app.ts";
import { existing } from "../../../support/quota-builders.ts";

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

const admin = bearer({ user_type: "admin" });

function post(app: TestApp, path: string, payload: object, headers = admin) {
  return app.app.inject({ method: "POST", url: `/api/v1/cluster/${path}`, headers, payload });
}

const reply = {
  title: "drain a",
  plan: "0123456789abcdef0123456789abcdef",
  moves: [{ shard: 3, from: "a", to: "b" }],
  before: [{ node: "a", shards: 1 }],
  after: [{ node: "b", shards: 1 }],
  notes: [],
  is_wished: false,
};

test("a plan is shown to administrators alone, and a wish that cannot be is named by its field", async (t) => {
  const asked: unknown[] = [];
  const fake = testApp({
    operators: {
      plan: (wish) => {
        asked.push(wish);
        return Promise.resolve(
          wish.node === "z"
            ? { kind: "refused", field: "node", message: "no node z lives" }
            : { kind: "planned", reply },
        );
      },
      change: () => Promise.reject(new Error("nothing is to be changed")),
    },
  });

  const planned = await post(fake, "plan", { action: "drain", node: "a" });
  const refused = await post(fake, "plan", { action: "drain", node: "z" });
  const service = await post(fake, "plan", { action: "drain", node: "a" }, bearer());

  t.deepEqual(planned.json(), reply);
  t.like(refused.json(), { code: "INVALID_REQUEST", errors: [{ field: "node" }] });
  t.is(service.statusCode, 403);
  t.is(asked.length, 2);
});

test("what an action lacks, and what is of another, is named before anybody is asked", async (t) => {
  const fake = testApp();

  const bare = await post(fake, "change", { action: "pin" });
  const mixed = await post(fake, "plan", { action: "drain", node: "a", shard: 3, pins_max: 1 });

  const fields = (answer: typeof bare): unknown =>
    answer.json<{ errors: { field: string }[] }>().errors.map(({ field }) => field);
  t.deepEqual(fields(bare), ["node", "shard"]);
  t.deepEqual(fields(mixed), ["shard", "pins_max"]);
});

test("a change says what became of it, who else is at it, or that the plan holds no more", async (t) => {
  const answers: Changed[] = [
    { kind: "done", reply: { ...reply, ended: "finished", left: [], seconds: 1.5 } },
    { kind: "occupied", message: "another operator is at it: ben" },
    { kind: "outdated" },
  ];
  const by: string[] = [];
  const fake = testApp({
    operators: {
      plan: () => Promise.reject(new Error("nothing is to be planned")),
      change: (_wish, who) => {
        by.push(who);
        return Promise.resolve(existing(answers.shift()));
      },
    },
  });
  const change = () => post(fake, "change", { action: "drain", node: "a", plan: reply.plan });

  const [done, occupied, outdated] = [await change(), await change(), await change()];

  t.like(done.json(), { ended: "finished", seconds: 1.5, title: "drain a" });
  t.like(occupied.json(), { status: 409, code: "OPERATOR_AT_WORK" });
  t.like(outdated.json(), { status: 409, code: "PLAN_OUTDATED" });
  t.deepEqual(by, ["user-1", "user-1", "user-1"]);
});
