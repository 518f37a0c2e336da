import { dropOldLogs } from "../../shards/jobs/log-retention.ts";
import { Gate } from "../support/node-clock.ts";
import { writeCheckpoint } from "../../shards/store/sql.ts";
import { harness, logInto } from "../support/node-harness.ts";
import { at, consume, key, limits, release } from "../support/quota-builders.ts";
import { rowsOf, storeContract } from "../support/store-contract.ts";
import { sunday, sweep, tuesday, used } from "../support/swept-merchants.ts";
import { mismatches, tellRandomStory, verified } from "../support/verified-story.ts";

const { contract } = storeContract();

contract("what nodes have written is clean, whatever they were asked", async (t, database) => {
  await tellRandomStory(database, 3);
  await tellRandomStory(database, 4);

  const { findings } = await verified(database);

  t.deepEqual(findings.named, []);
  t.is(findings.total, 0);
  t.is(findings.checked.keys, 4);
  t.true(findings.checked.entries > 300);
  t.true(findings.checked.orders > 50);
  t.deepEqual(findings.unchecked, []);
});

contract(
  "what waits in the journal is verified as if it were in the tables",
  async (t, database) => {
    const { node, ask, clock, meddle } = harness(database, { limits: limits({ daily: 80n }) });
    await node.start();
    const gate = new Gate();
    meddle(async (statement, next) => {
      if (statement.name === writeCheckpoint.name) await gate.opened;
      return next();
    });
    for (const order of ["A-1", "A-2", "A-3"]) await ask(consume(order, 30n));
    await ask(release("A-1"));
    const [tables] = await rowsOf(database, "select count(*) as n from quota_usage_logs");

    const { findings } = await verified(database);

    t.is(tables?.["n"], 0n);
    t.is(findings.checked.entries, 4);
    t.deepEqual(findings.named, []);
    clock.go();
    gate.open();
    await node.stop();
  },
);

contract("keys that a sweep turned are clean, with its entries", async (t, database) => {
  await used(database, ["M-1", "M-2", "M-3"], sunday);
  await used(database, ["M-2"], at("2026-11-23T12:00:00Z"));
  await sweep(database, { now: tuesday });
  await sweep(database, { now: at("2026-12-02T12:00:00Z") });

  const { findings } = await verified(database);

  t.deepEqual(findings.named, []);
  t.true(findings.checked.entries > 6);
});

contract("an entry of a sweep that was removed, or put in, is named", async (t, database) => {
  await used(database, ["M-1"], sunday);
  await sweep(database, { now: tuesday });
  const { node, ask } = harness(database, { beginsAt: at("2026-11-24T13:00:00Z") });
  await node.start();
  await ask(consume("A-2", 5n));
  await node.stop();
  await rowsOf(
    database,
    `insert into quota_usage_logs
     select made.* from quota_usage_logs as log, json_populate_record(log,
       '{"id":"00000000-0000-4000-8000-000000000000","chain_no":null,"chain_before":null}') as made
     where log.action_type = 'reset'`,
  );
  t.deepEqual(await mismatches(database), [
    "entry_unchained of M-1 USD: chain_no is nothing and not nothing (reset)",
  ]);

  await rowsOf(database, "delete from quota_usage_logs where action_type = 'reset'");

  t.deepEqual(await mismatches(database), [
    "chain_broken of M-1 USD A-2: chain_no is 3 and not 2 (consume A-2)",
  ]);
});

contract(
  "a merchant who moved to another zone is clean, and said to have moved",
  async (t, database) => {
    await used(database, ["M-1"], at("2026-11-22T22:00:00Z"));
    const east = harness(database, {
      beginsAt: at("2026-11-22T23:00:00Z"),
      limits: limits({ zone: "Asia/Tokyo" }),
    });
    await east.node.start();
    await east.ask(release("A-1", 10n));
    await east.node.stop();
    const west = harness(database, { beginsAt: at("2026-11-22T23:30:00Z") });
    await west.node.start();
    await west.ask(consume("A-2", 5n));
    await west.node.stop();

    const { findings } = await verified(database);

    t.deepEqual(findings.named, []);
    t.deepEqual(findings.unchecked, [["keys_in_another_zone", 1]]);
  },
);

contract(
  "entries that were dropped as old are no mismatch, but are not passed over",
  async (t, database) => {
    await rowsOf(database, "select make_log_partitions('2026-09-01T00:00:00Z', 1)");
    await used(database, ["M-1", "M-2", "M-3"], at("2026-09-15T12:00:00Z"));
    await used(database, ["M-2"], at("2026-11-22T12:00:00Z"));
    const later = harness(database, { beginsAt: at("2026-11-22T13:00:00Z") });
    await later.node.start();
    for (const order of ["A-1", "B-1"]) await later.ask(consume(order, 7n));
    await later.ask({ ...release("A-1"), key: key("M-3") });
    await later.ask({ ...consume("B-1", 9n), key: key("M-4") });
    await later.node.stop();

    await dropOldLogs(
      {
        database,
        session: database.session("jobs"),
        log: logInto([]),
        signal: new AbortController().signal,
      },
      at("2026-11-22T14:00:00Z"),
      1,
    );

    const { findings, start } = await verified(database);
    t.deepEqual(findings.named, []);
    t.is(start.keptFrom, at("2026-10-01T00:00:00Z"));
    t.deepEqual(findings.unchecked, [
      ["entries_dropped_from_chains", 3],
      ["keys_with_dropped_entries", 3],
      ["orders_with_dropped_entries", 3],
    ]);
    await rowsOf(database, "truncate log_retention");
    const unexplained = await mismatches(database);
    t.true(
      unexplained.some((each) => each.startsWith("entries_missing of M-1 USD:")),
      unexplained.join("\n"),
    );
  },
);
