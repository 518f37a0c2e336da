import { minor } from "../../src/domain/money.ts";
import type { Database } from "../../src/platform/database.ts";
import { until } from "../support/node-clock.ts";
import { harness } from "../support/node-harness.ts";
import { confirm, consume, key, reserve } from "../support/quota-builders.ts";
import { rowsOf, storeContract } from "../support/store-contract.ts";

const { contract } = storeContract();
const minuteMs = 60_000;
const get = { kind: "get", key: key() } as const;

async function expiries(database: Database): Promise<number> {
  const [row] = await rowsOf(
    database,
    "select count(*) as n from quota_usage_logs_live where action_type = 'expire'",
  );
  return Number(row?.["n"]);
}

/** The tables are complete: nothing of the journal is missing in them. */
async function untilWritten(database: Database): Promise<void> {
  await until("the tables are complete", async () => {
    const [row] = await rowsOf(database, "select count(*) as n from journal_tail");
    return row?.["n"] === 0n;
  });
}

contract("a reservation that nobody confirms expires by itself", async (t, database) => {
  const { node, ask, clock, standing, faults } = harness(database);
  await node.start();
  await ask(reserve("A-1", 300n, minuteMs));
  await ask(reserve("A-2", 70n, 10 * minuteMs));

  clock.shift(minuteMs + 1);
  await until("it expires", async () => (await expiries(database)) > 0);

  const { quota } = await standing(get);
  t.is(quota.reserved, minor(70n));
  t.is(quota.windows.daily.held, minor(70n));
  t.is(quota.windows.daily.count, 1);
  await node.stop();
  t.is(await expiries(database), 1);
  t.deepEqual(faults, []);
});

contract("a reservation of a merchant not in memory expires all the same", async (t, database) => {
  const before = harness(database);
  await before.node.start();
  const orders = Array.from({ length: 20 }, (_, n) => `A-${n}`);
  for (const order of orders) await before.ask(reserve(order, 10n, minuteMs));
  await before.node.stop();

  const { node, clock, standing, faults } = harness(database);
  clock.shift(minuteMs + 5_000);
  await node.start();
  await until("all expire", async () => (await expiries(database)) >= orders.length);

  t.is((await standing(get)).quota.reserved, minor(0n));
  await node.stop();
  t.is(await expiries(database), orders.length, "each once");
  t.deepEqual(faults, []);
});

contract("a reservation is over at its time, whether or not a timer ran", async (t, database) => {
  const { node, ask, clock, standing } = harness(database);
  await node.start();
  await ask(reserve("A-1", 300n, minuteMs));
  clock.hold();
  clock.shift(minuteMs);

  const late = await ask(confirm("A-1"));

  t.like(late, { kind: "refused", refusal: { code: "RESERVATION_EXPIRED" } });
  t.is((await standing(get)).quota.reserved, minor(0n));
  clock.go();
  await untilWritten(database);
  await node.stop();
  t.is(await expiries(database), 1);
});

contract("a reservation from before a restart is over at its time", async (t, database) => {
  const before = harness(database);
  await before.node.start();
  await before.ask(reserve("A-1", 300n, minuteMs));
  await before.ask(reserve("A-2", 70n, 10 * minuteMs));
  await before.node.stop();

  const { node, ask, clock, faults } = harness(database);
  await node.start();
  clock.hold();
  clock.shift(minuteMs + 5_000);
  const taken = await ask(consume("B-1", 5n));
  const confirmed = await ask(confirm("A-2"));

  t.like(taken, { kind: "accepted", receipt: { reserved: 70n, used: { daily: 5n } } });
  t.like(confirmed, { kind: "accepted", receipt: { reserved: 0n, used: { daily: 75n } } });
  clock.go();
  await node.stop();
  t.is(await expiries(database), 1);
  t.deepEqual(faults, []);
});

contract("a reservation of a merchant that left memory expires once", async (t, database) => {
  const { node, ask, clock, faults } = harness(database, { shards: 1, actorsMax: 1 });
  await node.start();
  await ask(reserve("A-1", 300n, minuteMs));
  await untilWritten(database);
  let touched = 0;
  await until("the merchant leaves memory", async () => {
    touched += 1;
    await ask({ ...consume("B-1", 1n), key: key(`other-${touched}`) });
    return node.actorsResident <= 16 && touched > 40;
  });

  clock.shift(minuteMs);
  await until("it expires", async () => (await expiries(database)) > 0);
  await untilWritten(database);
  await node.stop();

  const rows = await rowsOf(
    database,
    "select reserved_amount, daily_reserved from merchant_quotas where merchant_id = 'M-1'",
  );
  t.deepEqual(rows, [{ reserved_amount: 0n, daily_reserved: 0n }]);
  t.is(await expiries(database), 1);
  t.deepEqual(faults, []);
});

contract(
  "a heap of reservations due at once expires, and others are served meanwhile",
  async (t, database) => {
    const before = harness(database);
    await before.node.start();
    const heap = Array.from({ length: 3_000 }, (_, n) =>
      before.ask(reserve(`A-${n}`, 1n, minuteMs)),
    );
    await Promise.all(heap);
    await before.node.stop();

    const after = harness(database, { name: "node-b" });
    after.clock.shift(2 * minuteMs);
    await after.node.start();
    const other = key("M-other");
    const meanwhile = await after.ask({ ...consume("B-1", 5n), key: other });

    t.is(meanwhile.kind, "accepted");
    await until("all have expired", async () => (await expiries(database)) === heap.length);
    const { quota } = await after.standing(get);
    t.is(quota.reserved, minor(0n));
    t.deepEqual(after.faults, []);
    await after.node.stop();
  },
);
