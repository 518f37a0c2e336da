import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { canonicalEntry } from "../../shards/store/chain-sql.ts";
import { openPostgres } from "../../src/platform/postgres.ts";
import { argsTo, legacyContract, rowsIn } from "../support/legacy-contract.ts";
import { quotactl } from "../support/legacy-process.ts";
import { harness, killAll } from "../support/node-harness.ts";
import { at, consume, existing, key, release } from "../support/quota-builders.ts";
import { tellStory } from "../support/verified-story.ts";

const onServer = legacyContract();

onServer(
  "an operator verifies by hand and by program, and the exit code says it",
  async (t, { server }) => {
    const target = await server.newDatabase();
    t.is((await quotactl(target, ["migrate"])).code, 0);
    const unserved = await quotactl(target, ["verify"]);
    t.like(unserved, { code: 1, stdout: "" });
    t.regex(unserved.stderr, /no node has ever served this database/);
    const database = openPostgres({ ...target, statementTimeoutMs: 30_000 });
    try {
      await tellStory(database);

      const clean = await quotactl(target, ["verify"]);
      t.is(clean.code, 0, clean.stderr);
      t.regex(
        clean.stdout,
        /^verified shards 0 to 7: 1 keys, 9 log entries, 3 orders, 2 alerts in /,
      );
      t.regex(clean.stdout, /no mismatch\n$/);
      t.regex(clean.stderr, /log: 9 of 9 rows/);

      await rowsIn(target, "update merchant_quotas set daily_used = 50");
      const words = await quotactl(target, ["verify"]);
      t.is(words.code, 3);
      t.regex(words.stdout, /1 columns of quotas that do not come out of the log/);
      t.regex(words.stdout, /quota_differs .* M-1 USD .* daily_used .* 60 .* 50/);

      const json = await quotactl(target, ["verify", "--json"]);
      t.is(json.code, 3);
      t.like(JSON.parse(json.stdout), {
        clean: false,
        checked: { keys: 1, entries: 9, orders: 3, alerts: 2 },
        not_checked: {},
        mismatches: 1,
        by_kind: { quota_differs: 1 },
        named: [
          {
            kind: "quota_differs",
            key: "M-1 USD",
            order: null,
            what: "daily_used",
            expected: "60",
            found: "50",
          },
        ],
      });

      const behind = await quotactl(target, ["verify", "--from-shard", "3", "--json"]);
      t.like(JSON.parse(behind.stdout), { clean: true, checked: { keys: 0 } });
      const wrong = await quotactl(target, ["verify", "--from-shard", "minus"]);
      t.is(wrong.code, 2);
    } finally {
      killAll();
      await database.close();
    }
  },
);

onServer(
  "what came from the older service is clean, and said to be unchecked",
  async (t, { server, old }) => {
    const target = await server.newDatabase();
    const migrated = await quotactl(target, argsTo(await old(), "--apply"));
    t.is(migrated.code, 0, migrated.stderr);
    const database = openPostgres({ ...target, statementTimeoutMs: 30_000 });
    try {
      const [known] = await rowsIn(
        target,
        `select merchant_id, split_part(order_key, ' ', 3) as order_no
       from quota_orders join merchant_quotas on order_key like merchant_id || ' %'
       where amount > released limit 1`,
      );
      const merchant = key(String(existing(known)["merchant_id"]));
      const { node, ask } = harness(database, { beginsAt: at("2026-11-22T16:00:00Z") });
      await node.start();
      await ask({ ...consume("new", 7n), key: merchant });
      t.like(await ask({ ...release(String(existing(known)["order_no"])), key: merchant }), {
        kind: "accepted",
      });
      await node.stop();

      const { code, stdout } = await quotactl(target, ["verify", "--json"]);

      t.is(code, 0, stdout);
      t.like(JSON.parse(stdout), { clean: true, not_checked: { keys_of_older_service: 2_000 } });
    } finally {
      killAll();
      await database.close();
    }
  },
);

onServer(
  "the gateway's own list of orders is compared with what is here",
  async (t, { server }) => {
    const target = await server.newDatabase();
    const folder = mkdtempSync(join(tmpdir(), "quota-list-"));
    const list = (...lines: readonly string[]): string => {
      const file = join(folder, "orders.csv");
      writeFileSync(
        file,
        ["merchant_id,currency,order_id,amount,state", ...lines, ""].join("\r\n"),
      );
      return file;
    };
    t.is((await quotactl(target, ["migrate"])).code, 0);
    const database = openPostgres({ ...target, statementTimeoutMs: 30_000 });
    try {
      await tellStory(database);

      const right = list("M-1,USD,A-1,40,taken", 'M-1,USD,"A-2",30,taken', "M-1,USD,H-1,5,held");
      const equal = await quotactl(target, ["verify", "--against", right, "--complete"]);
      t.is(equal.code, 0, equal.stderr);
      t.regex(equal.stdout, /^compared 3 listed orders in .*\nno mismatch\n$/);

      const other = ["M-1,USD,A-1,41,taken", "M-1,USD,A-7,1,taken", "M-1,USD,A-7,1,taken"];
      const unlike = await quotactl(target, [
        "verify",
        "--against",
        list(...other, "M-1,USD,H-1,5,taken"),
        "--complete",
        "--json",
      ]);
      t.is(unlike.code, 3, unlike.stderr);
      t.like(JSON.parse(unlike.stdout), {
        lines: 4,
        mismatches: 5,
        named: [
          { kind: "order_unknown", order: "A-7", what: "line 3", expected: "taken 1", found: null },
          {
            kind: "order_unlike_list",
            order: "A-1",
            what: "line 2",
            expected: "taken 41",
            found: "taken 40",
          },
          {
            kind: "order_unlike_list",
            order: "H-1",
            what: "line 5",
            expected: "taken 5",
            found: "held 5",
          },
          { kind: "order_not_listed", order: "A-2", found: "taken 30" },
          { kind: "order_listed_twice", order: "A-7", what: "line 4" },
        ],
      });

      const wrong = await quotactl(target, ["verify", "--against", list("M-1,USD,A-1,4.5,taken")]);
      t.like(wrong, { code: 1, stdout: "" });
      t.regex(wrong.stderr, /orders\.csv, line 2: "4\.5" is no whole number of minor units/);
      t.is((await quotactl(target, ["verify", "--complete"])).code, 2);
    } finally {
      killAll();
      await database.close();
      rmSync(folder, { recursive: true });
    }
  },
);

onServer(
  "heads that were kept elsewhere show a log that was rewritten whole",
  async (t, { server }) => {
    const target = await server.newDatabase();
    const folder = mkdtempSync(join(tmpdir(), "quota-heads-"));
    const file = join(folder, "heads.csv");
    t.is((await quotactl(target, ["migrate"])).code, 0);
    const database = openPostgres({ ...target, statementTimeoutMs: 30_000 });
    try {
      await tellStory(database);
      const printed = await quotactl(target, ["verify", "--print-heads"]);
      t.is(printed.code, 0, printed.stderr);
      t.regex(printed.stdout, /^merchant_id,currency,entries,hash\nM-1,USD,9,[0-9a-f]{64}\n$/);
      writeFileSync(file, printed.stdout);

      const { node, ask } = harness(database, { beginsAt: at("2026-11-22T12:30:00Z") });
      await node.start();
      await ask(consume("later", 1n));
      await node.stop();
      const grown = await quotactl(target, ["verify", "--heads", file]);
      t.is(grown.code, 0, grown.stdout);

      // Who can write everything writes an entry, the chain behind it and the head anew.
      await rowsIn(
        target,
        `update quota_usage_logs set operator_id = 'bob' where action_type = 'reset'`,
      );
      await rowsIn(
        target,
        `with changed as (
         select sha256(chain_before || ${canonicalEntry}) as hash from quota_usage_logs where chain_no = 9
       )
       update quota_usage_logs set chain_before = changed.hash from changed where chain_no = 10`,
      );
      await rowsIn(
        target,
        `update log_heads set hash = (
         select sha256(chain_before || ${canonicalEntry}) from quota_usage_logs where chain_no = 10
       )`,
      );
      const replayed = await quotactl(target, ["verify"]);
      t.is(replayed.code, 0, replayed.stdout);
      const shown = await quotactl(target, ["verify", "--heads", file, "--json"]);
      t.is(shown.code, 3);
      t.like(JSON.parse(shown.stdout), {
        lines: 1,
        mismatches: 1,
        named: [{ kind: "entry_altered", key: "M-1 USD", what: "hash after entry 9" }],
      });

      await rowsIn(target, "update log_heads set entries = 8");
      const cut = await quotactl(target, ["verify", "--heads", file, "--json"]);
      t.like(JSON.parse(cut.stdout), {
        named: [{ kind: "chain_broken", what: "entries of the chain", expected: "9", found: "8" }],
      });
      t.is((await quotactl(target, ["verify", "--heads", file, "--print-heads"])).code, 2);
    } finally {
      killAll();
      await database.close();
      rmSync(folder, { recursive: true });
    }
  },
);
