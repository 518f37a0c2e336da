import { createJobs, type Jobs } from "../../shards/jobs/jobs.ts";
import { postgresLock } from "../../src/platform/lock-postgres.ts";
import type { Database } from "../../src/platform/database.ts";
import { Fault } from "../../src/wire/fault.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";
import { fakeTimer } from "../support/fake-timer.ts";
import { until } from "../support/node-clock.ts";
import { logInto, meddled } from "../support/node-harness.ts";
import { at, thresholds } from "../support/quota-builders.ts";
import { rowsOf, storeContract } from "../support/store-contract.ts";
import { quotas, resets, used } from "../support/swept-merchants.ts";

const { contract } = storeContract();
const minuteMs = 60_000;
const firstRunMs = 5_000;
/** In the past of the database's own clock, with which jobs have to agree. */
const evening = at("2026-03-14T23:50:00Z");
/** From the first run over the sweep of midnight, and the next round of the rest. */
const throughMidnight = [5 * minuteMs, 5 * minuteMs, 30_000, 5 * minuteMs];
const names = [
  "alert_scan",
  "ended_alerts",
  "journal_pruning",
  "log_partitions",
  "log_retention",
  "reset_sweep",
];

interface NodeJobs {
  readonly jobs: Jobs;
  readonly clock: FakeClock;
  readonly ran: string[];
  readonly said: string[];
}

/** The jobs of one node; by whose connection it holds its locks tells the nodes apart. */
function jobsOf(database: Database, holder: "lease" | "limits" = "lease"): NodeJobs {
  const clock = fakeClock(evening);
  const ran: string[] = [];
  const said: string[] = [];
  const jobs = createJobs({
    database,
    clock,
    timer: fakeTimer(clock),
    lock: postgresLock(database.session(holder)),
    log: logInto(said),
    onJob: (name, result, seconds) => {
      ran.push(`${name} ${result}`);
      if (seconds < 0) throw new Error("a job took no time at all");
    },
    defaultLimits: () => ({ daily: 40n, monthly: null, yearly: null }),
    thresholds: () => thresholds,
    logRetentionMonths: 12,
  });
  return { jobs, clock, ran, said };
}

/** Lets time pass on all nodes, and then every job that came due end. */
async function pass(nodes: readonly NodeJobs[], byMs: number): Promise<void> {
  await Promise.all(nodes.map(({ clock }) => clock.advance(byMs)));
  await until("all jobs wait", () => nodes.every(({ clock }) => clock.timers === names.length));
}

const openAlerts = "select alert_type from quota_alerts where not is_resolved order by alert_type";

contract(
  "a node that starts does every job soon, and midnight's at midnight",
  async (t, database) => {
    await used(database, ["M-1"], evening);
    await rowsOf(database, "truncate quota_limits");
    const node = jobsOf(database);

    node.jobs.start();
    await pass([node], firstRunMs);
    t.deepEqual(
      [...node.ran].sort(),
      names.map((name) => `${name} done`),
    );
    t.deepEqual(await rowsOf(database, openAlerts), [
      { alert_type: "daily_100" },
      { alert_type: "daily_80" },
    ]);
    t.is((await resets(database)).length, 0);

    for (const byMs of throughMidnight) await pass([node], byMs);
    await node.jobs.stop();

    t.is((await resets(database)).length, 1);
    t.like((await quotas(database))[0], { daily_period: "2026-03-15", daily_used: 0n });
    t.deepEqual(await rowsOf(database, openAlerts), []);
    t.is(node.ran.filter((result) => result.endsWith("failed")).length, 0);
    t.is(node.clock.timers, 0);
  },
);

contract("the jobs of two nodes leave what those of one leave", async (t, database) => {
  await used(database, ["M-1", "M-2"], evening);
  await rowsOf(database, "truncate quota_limits");
  const nodes = [jobsOf(database), jobsOf(database, "limits")];

  for (const { jobs } of nodes) jobs.start();
  for (const byMs of [firstRunMs, ...throughMidnight]) await pass(nodes, byMs);
  for (const { jobs } of nodes) await jobs.stop();

  t.is((await resets(database)).length, 2);
  const [alerts] = await rowsOf(
    database,
    "select count(*) as n from quota_alerts where is_resolved",
  );
  t.is(alerts?.["n"], 4n);
  t.deepEqual(
    nodes.flatMap(({ ran }) => ran).filter((result) => result.endsWith("failed")),
    [],
  );
});

contract(
  "jobs that Postgres does not let through are tried again by themselves",
  async (t, database) => {
    let isAway = true;
    const away = meddled(database, (statement, next) => {
      if (!isAway) return next();
      throw new Fault("SHARD_UNAVAILABLE", `Postgres is away: ${statement.name}`);
    });
    const node = jobsOf(away);

    node.jobs.start();
    await pass([node], firstRunMs);
    isAway = false;
    await pass([node], minuteMs);
    await node.jobs.stop();

    t.deepEqual(
      [...node.ran].sort(),
      names.flatMap((name) => [`${name} done`, `${name} failed`]),
    );
  },
);
