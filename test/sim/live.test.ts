import { orderFrom, quotaFrom } from "../../shards/store/stored.ts";
import { type Order, orderKeyOf } from "../../src/domain/order.ts";
import { rolled } from "../../src/domain/quota.ts";
import type { Database, Row } from "../../src/platform/database.ts";
import type { ExecutionContext } from "ava";
import { type Harness, harness } from "../support/node-harness.ts";
import { limits } from "../support/quota-builders.ts";
import { rowsOf, storeContract } from "../support/store-contract.ts";
import { randomCommand, randomFrom, storyKeys } from "../support/store-story.ts";

const { contract } = storeContract();
const story = { commands: 150, looksEvery: 10 };
/** SEED replays one story, SIM_SEEDS tells that many. */
const given = process.env["SEED"];
const seedsMax = Number(process.env["SIM_SEEDS"] ?? 2);
const seeds =
  given === undefined ? Array.from({ length: seedsMax }, (_, n) => 3 + 74 * n) : [Number(given)];
const windows = ["daily", "monthly", "yearly"] as const;

/** What the answers said, to hold against the tables. */
interface Said {
  readonly orders: Map<string, Order>;
  entries: number;
}

async function tell(one: Harness, random: (below: number) => number, said: Said): Promise<void> {
  const command = randomCommand(random);
  const outcome = await one.ask(command);
  if (outcome.kind === "refused") said.entries += 1;
  if (outcome.kind !== "accepted") return;
  if (!outcome.duplicate) said.entries += 1;
  if (outcome.order) said.orders.set(orderKeyOf(command.key, outcome.order.ref), outcome.order);
}

/** The views hold what the owners hold, whether or not the tables have it yet. */
async function look(
  t: ExecutionContext,
  database: Database,
  one: Harness,
  said: Said,
): Promise<void> {
  for (const key of storyKeys) {
    const { quota, calendar } = await one.standing({ kind: "get", key });
    const [row] = await rowsOf(
      database,
      "select * from merchant_quotas_live where quota_key = $1",
      [key.text],
    );
    if (row) t.deepEqual(rolled(quotaFrom(row, key), calendar), quota);
    else t.is(quota.version, 0);
    const logs = await rowsOf(
      database,
      "select * from quota_usage_logs_live where merchant_id = $1 and currency = $2 and success order by version",
      [key.merchantId, key.currency],
    );
    assertChained(t, logs);
    const last = logs.at(-1);
    t.is(logs.length, quota.version);
    for (const name of windows) {
      t.is<unknown, unknown>(last?.[`${name}_used_after`] ?? 0n, quota.windows[name].used);
    }
    t.is<unknown, unknown>(last?.["pending_after"] ?? 0n, quota.pending);
    t.is<unknown, unknown>(last?.["reserved_after"] ?? 0n, quota.reserved);
  }
  const orders = await rowsOf(database, "select * from quota_orders_live order by order_key");
  t.deepEqual(
    orders.map((row) => [row["order_key"], orderFrom(row)]),
    [...said.orders].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const [logs] = await rowsOf(database, "select count(*) as n from quota_usage_logs_live");
  t.is(logs?.["n"], BigInt(said.entries));
}

/** Each entry begins where the one before it ended, and no version is missing. */
function assertChained(t: ExecutionContext, logs: readonly Row[]): void {
  logs.forEach((log, index) => {
    t.is(log["version"], BigInt(index + 1));
    const earlier = logs[index - 1];
    for (const what of ["daily_used", "monthly_used", "yearly_used", "pending", "reserved"]) {
      t.is(log[`${what}_before`], earlier?.[`${what}_after`] ?? 0n);
    }
  });
}

for (const seed of seeds) {
  contract(
    `the live views are what the owners hold (SEED=${seed} npm run test:sim)`,
    async (t, database) => {
      const random = randomFrom(seed);
      const said: Said = { orders: new Map(), entries: 0 };
      const one = harness(database, { limits: limits({ daily: 900n, pending: 700n }) });
      await one.node.start();

      for (let n = 1; n <= story.commands; n += 1) {
        await tell(one, random, said);
        if (random(20) === 0) one.clock.hold();
        if (random(20) === 0) one.clock.go();
        if (n % story.looksEvery === 0) await look(t, database, one, said);
      }

      one.clock.go();
      await one.node.stop();
      t.deepEqual(await rowsOf(database, "select seq from journal_tail"), []);
      const next = harness(database, { limits: limits({ daily: 900n, pending: 700n }) });
      next.clock.shift(60_000);
      await next.node.start();
      await look(t, database, next, said);
      await next.node.stop();
    },
  );
}
