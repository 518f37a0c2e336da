import { type ScanOptions, scanAlerts } from "../../shards/jobs/alert-scan.ts";
import { alertsOfKeys } from "../../shards/jobs/sql.ts";
import type { Database, Row } from "../../src/platform/database.ts";
import { harness, logInto } from "../support/node-harness.ts";
import { at, consume, key, limits, reset, thresholds } from "../support/quota-builders.ts";
import { rowsOf, storeContract } from "../support/store-contract.ts";
import { quotas, sunday, used, usedByMany } from "../support/swept-merchants.ts";

const { contract } = storeContract();
const none = { daily: null, monthly: null, yearly: null };

function scan(
  database: Database,
  wanted: Partial<ScanOptions> & { readonly said?: string[] } = {},
): Promise<void> {
  return scanAlerts({
    session: database.session("jobs"),
    log: logInto(wanted.said ?? []),
    now: sunday,
    signal: new AbortController().signal,
    thresholds,
    defaultLimits: none,
    ...wanted,
  });
}

/** What the policy service said last of a merchant. */
async function policyOf(database: Database, merchant: string, limit: object): Promise<void> {
  await rowsOf(
    database,
    `insert into quota_limits (quota_key, shard, limits, policy_version, fetched_at)
     select quota_key, shard, $2::json, '8', now() from merchant_quotas_live where merchant_id = $1
     on conflict (quota_key, shard) do update set limits = excluded.limits`,
    [merchant, JSON.stringify(limit)],
  );
}

function alerts(database: Database): Promise<readonly Row[]> {
  return rowsOf(
    database,
    `select merchant_id, currency, shard, alert_type, alert_level, message, current_used, limit_amount,
       usage_percent, period, is_resolved, notification_sent, created_at
     from quota_alerts order by merchant_id, alert_type`,
  );
}

contract(
  "a limit that was lowered under what is used raises its alerts, once",
  async (t, database) => {
    await rowsOf(database, "truncate quota_limits");
    await used(database, ["M-1", "M-2", "M-3"], sunday);
    await policyOf(database, "M-1", { daily_limit: "41", monthly_limit: "40", yearly_limit: null });
    await policyOf(database, "M-2", { daily_limit: "51", monthly_limit: null, yearly_limit: null });
    const said: string[] = [];

    await scan(database, { said });
    const raised = await alerts(database);
    await Promise.all([scan(database, { said }), scan(database, { said })]);

    t.deepEqual(
      raised.map((row) => [row["merchant_id"], row["alert_type"], row["alert_level"]]),
      [
        ["M-1", "daily_80", "warning"],
        ["M-1", "monthly_100", "critical"],
        ["M-1", "monthly_80", "warning"],
      ],
    );
    t.like(raised[0], {
      currency: "USD",
      message: "daily use reached 80 % of the limit: 40 of 41",
      current_used: 40n,
      limit_amount: 41n,
      usage_percent: "97.56",
      period: "2026-11-22",
      is_resolved: false,
      notification_sent: false,
      created_at: new Date(sunday),
    });
    t.deepEqual(await alerts(database), raised);
    t.deepEqual(said, ["alerts raised for limits that were lowered"]);
  },
);

contract("its words are those of an alert that a change raises", async (t, database) => {
  await rowsOf(database, "truncate quota_limits");
  const { node, ask } = harness(database, {
    beginsAt: sunday,
    limits: limits({ daily: 41n, monthly: 40n }),
  });
  await node.start();
  await ask(consume("A-1", 40n));
  await node.stop();
  const words =
    "merchant_id, currency, shard, alert_type, alert_level, message, current_used, limit_amount, usage_percent, period, is_resolved, notification_sent";
  const inOrder = `select ${words} from quota_alerts order by alert_type`;
  const byChange = await rowsOf(database, inOrder);
  await rowsOf(database, "truncate quota_alerts cascade");

  await scan(database, { defaultLimits: { daily: 41n, monthly: 40n, yearly: null } });

  t.is(byChange.length, 3);
  t.deepEqual(await rowsOf(database, inOrder), byChange);
});

contract(
  "what is used and not in the tables yet counts, as do the default limits",
  async (t, database) => {
    await rowsOf(database, "truncate quota_limits");
    await used(database, ["M-1"], sunday);
    const { node, ask, clock } = harness(database, { beginsAt: sunday });
    await node.start();
    clock.hold();
    await ask(consume("A-2", 50n));
    await ask({ ...consume("A-1", 95n), key: key("M-new") });

    await scan(database, { defaultLimits: { ...none, daily: 100n } });

    t.deepEqual(
      (await alerts(database)).map((row) => [row["merchant_id"], row["current_used"]]),
      [
        ["M-1", 90n],
        ["M-new", 95n],
      ],
    );
    clock.go();
    await node.stop();
  },
);

contract(
  "a period that has ended raises nothing, nor does one that was begun anew",
  async (t, database) => {
    await rowsOf(database, "truncate quota_limits");
    await used(database, ["M-1"], sunday);
    const { node, ask } = harness(database, { beginsAt: sunday });
    await node.start();
    await ask({ ...consume("A-1", 40n), key: key("M-2") });
    await ask({ ...reset("monthly"), key: key("M-2") });
    await node.stop();

    await scan(database, {
      now: at("2026-11-23T00:00:00Z"),
      defaultLimits: { daily: 10n, monthly: 10n, yearly: null },
    });

    t.deepEqual(
      (await alerts(database)).map((row) => [row["merchant_id"], row["alert_type"]]),
      [
        ["M-1", "monthly_100"],
        ["M-1", "monthly_80"],
      ],
    );
  },
);

contract("an alert that was resolved does not come again in its period", async (t, database) => {
  await rowsOf(database, "truncate quota_limits");
  await used(database, ["M-1"], sunday);
  const defaultLimits = { ...none, daily: 40n };
  await scan(database, { defaultLimits });
  await rowsOf(database, "update quota_alerts set is_resolved = true");

  await scan(database, { defaultLimits });

  t.deepEqual(
    (await alerts(database)).map((row) => row["is_resolved"]),
    [true, true],
  );
});

contract(
  "thresholds that were set anew are looked for at once; no limit raises none",
  async (t, database) => {
    await rowsOf(database, "truncate quota_limits");
    await used(database, ["M-1"], sunday);

    await scan(database, { defaultLimits: { daily: 0n, monthly: null, yearly: null } });
    t.is((await alerts(database)).length, 0);
    await scan(database, {
      defaultLimits: { ...none, daily: 100n },
      thresholds: [{ percent: 40, level: "warning" }],
    });

    t.like((await alerts(database))[0], { alert_type: "daily_40", usage_percent: "40.00" });
  },
);

contract("many keys are scanned batch by batch, each of them once", async (t, database) => {
  await rowsOf(database, "truncate quota_limits");
  await usedByMany(database, 12_000);
  const asked: unknown[] = [];
  const session = database.session("jobs");

  await scan(database, {
    defaultLimits: { ...none, daily: 50n },
    session: {
      run: (statement, values) => {
        if (statement.name === alertsOfKeys.name) asked.push(values?.[1]);
        return session.run(statement, values);
      },
    },
  });

  t.is(asked.length, 3);
  t.is(asked.at(-1), null);
  t.is((await alerts(database)).length, (await quotas(database)).length);
});
